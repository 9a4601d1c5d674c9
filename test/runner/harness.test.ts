import { expect } from '@open-wc/testing';
import { authkit, endpoints, engine, otherOrigin } from '../fixtures/servers/origins.js';
import {
  control,
  nextPuppetMessage,
  nextRequest,
  puppetRequests,
  puppetPost,
  puppetUrl,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';

const addPuppet = (name: string): HTMLIFrameElement => {
  const iframe = document.createElement('iframe');
  iframe.title = 'AuthKit puppet';
  iframe.src = `${puppetUrl(name)}?data=${btoa('{"title":"Test"}')}`;
  document.body.append(iframe);
  return iframe;
};

describe('the test harness', () => {
  afterEach(() => {
    document.querySelectorAll('iframe').forEach((iframe) => {
      iframe.remove();
    });
  });

  it('runs in the engine that was asked for', () => {
    const isFirefox = navigator.userAgent.includes('Firefox/');
    const isChromium = 'userAgentData' in navigator;
    expect(isFirefox ? 'firefox' : isChromium ? 'chromium' : 'webkit').to.equal(engine);
  });

  it('has four origins', () => {
    const origins = [location.origin, endpoints, authkit, otherOrigin];
    expect(new Set(origins).size).to.equal(4);
  });

  it('runs in a page that is visible and has the focus', () => {
    expect(document.visibilityState).to.equal('visible');
    expect(document.hasFocus()).to.equal(true);
  });

  it('talks with the page that stands in for AuthKit', async () => {
    const name = uniqueName();
    const iframe = addPuppet(name);
    const { data } = await nextPuppetMessage('loaded', iframe);
    expect(data).to.deep.equal({ title: 'Test' });

    const messageEvent = new Promise<MessageEvent<unknown>>((resolve) => {
      window.addEventListener('message', resolve, { once: true });
    });
    puppetPost(iframe, { messageType: 'LINK_SUCCESS' });
    const message = await messageEvent;
    expect(message.data).to.deep.equal({ messageType: 'LINK_SUCCESS' });
    expect(message.origin).to.equal(authkit);
    expect(await puppetRequests(name)).to.have.length(1);
  });

  it('has endpoints that answer as the test says, in any order', async () => {
    const scope = uniqueName();
    const url = `${endpoints}/${scope}/connections`;
    await control(scope, {
      behaviour: [
        { path: 'connections', hold: true, body: { rows: ['first'] }, times: 1 },
        { path: 'connections', status: 500 },
      ],
    });
    const first = fetch(url, { headers: { authorization: 'Bearer x' } });
    const { index, headers } = await nextRequest(scope, { method: 'GET', state: 'held' });
    expect(headers.authorization).to.equal('Bearer x');
    // Chromium's cache makes a request wait for an equal one before it, unless told otherwise.
    expect((await fetch(url, { cache: 'no-store' })).status).to.equal(500);
    await release(scope, index);
    expect(await (await first).json()).to.deep.equal({ rows: ['first'] });
  });

  it('notices a request that the page gives up', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'token', hold: true }] });
    const abort = new AbortController();
    const request = fetch(`${endpoints}/${scope}/token`, { method: 'POST', signal: abort.signal });
    await nextRequest(scope, { state: 'held' });
    abort.abort();
    const error = await request.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('name', 'AbortError');
    await nextRequest(scope, { state: 'aborted' });
    expect(await requests(scope)).to.have.length(1);
  });
});
