import { expect } from '@open-wc/testing';
import { openHost, openWindow } from '../fixtures/embedded-page.js';
import { hover, part, until } from '../fixtures/elements.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, nextRequest, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

/* pica-connect.all.min.js in a folder that has no other file. */

const file = 'pica-connect.all.min.js';
const body = await (await fetch(`/dist/${file}`)).text();

const serveAlone = async (): Promise<string> => {
  const scope = uniqueName();
  await control(scope, {
    behaviour: [
      {
        ...{ path: file, method: 'GET', status: 200, body },
        headers: { 'content-type': 'text/javascript' },
      },
    ],
  });
  return scope;
};

const open = async (options: Parameters<typeof openHost>[0]) => {
  const scope = await serveAlone();
  const host = await openHost({
    width: 800,
    height: 600,
    ...options,
    src: `${endpoints}/${scope}/${file}`,
  });
  /** The files that the page has requested from the folder. */
  const fetched = async () => (await requests(scope)).map(({ path }) => path);
  return { host, fetched };
};

describe('pica-connect.all.min.js alone', () => {
  it('runs check() and explains it', async () => {
    const { host, fetched } = await open({});
    const findings = await host.button.check();
    expect(findings.length).to.be.above(1);
    expect(await fetched()).to.deep.equal([file]);
  });

  it('shows what debug shows', async () => {
    const { host, fetched } = await open({ attributes: 'debug' });
    const { shadowRoot } = host.button;
    await until(() => shadowRoot?.querySelector('.debug button') !== null);
    expect(await fetched()).to.deep.equal([file]);
  });

  it('preloads AuthKit’s page', async () => {
    const name = uniqueName();
    const { host, fetched } = await open({ name, attributes: 'preload="page"' });
    hover(host.button);
    await until(() => host.document.querySelector('iframe#event-link') !== null);
    await nextRequest(name, { method: 'POST', path: 'token' });
    part(host.button, 'button').click();
    await until(() => host.button.status === 'open');
    expect(await fetched()).to.deep.equal([file]);
  });

  it('opens AuthKit in a window where the page is a small frame', async () => {
    const { host, fetched } = await open({ width: 300, height: 200 });
    const { view } = await openWindow(host);
    expect(view.document.querySelector('iframe')?.id).to.equal('event-link');
    expect(await fetched()).to.deep.equal([file]);
  });

  it('has every language', async () => {
    const { host, fetched } = await open({});
    host.document.documentElement.lang = 'de';
    await until(() => part(host.button, 'label').textContent.trim() === 'Verbinden');
    host.document.documentElement.lang = 'zh-TW';
    await until(() => part(host.button, 'label').textContent.trim() !== 'Verbinden');
    expect(await fetched()).to.deep.equal([file]);
  });
});
