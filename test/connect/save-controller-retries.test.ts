import { expect } from '@open-wc/testing';
import { exit, mountButton, nextEvent, part, until } from '../fixtures/elements.js';
import { hangsUp, otherOrigin } from '../fixtures/servers/origins.js';
import { control, uniqueName } from '../fixtures/servers/puppet-client.js';
import {
  connect,
  connectionsUrl,
  mountStoringButton,
  posts,
  recordedDelaysMs,
  saveEnded,
} from '../fixtures/saving.js';

describe('connections-url', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is retried after ${status}`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status, times: 2 }],
      });
      await connect(button);
      await until(() => button.status === 'open');
      expect(await posts(scope)).to.have.length(3);
    });
  }

  it('is retried after a dropped connection', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', drop: true, times: 2 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect((await posts(scope)).at(-1)?.state).to.equal('answered');
  });

  // Browsers also retry dropped requests themselves, so this counts delays, not requests.
  for (const [description, behaviour] of [
    ['drops the connection', { drop: true }],
    ['responds with 408', { status: 408 }],
  ] as const) {
    it(`is retried with seven delays if it always ${description}, and then fails`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', ...behaviour }] });
      const errorEvent = nextEvent('pica-error');
      await connect(button);
      const { error } = (await errorEvent).detail;
      expect(recordedDelaysMs()).to.have.length(7);
      expect(error.cause instanceof TypeError).to.equal('drop' in behaviour);
    });
  }

  for (const status of [400, 401, 403, 404, 409, 422]) {
    it(`is not retried after ${status}`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status }] });
      const errorEvent = nextEvent('pica-error');
      await connect(button);
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('save-failed');
      expect(error.message).to.contain(`connections-url answered ${status}`);
      expect(error.connection).to.have.property('key', 'live::gmail::default::abc123');
      expect(await posts(scope)).to.have.length(1);
    });
  }

  it('that redirects, for example to a login page, has not stored anything', async () => {
    const { scope, button } = await mountStoringButton();
    // Like many login pages, it is on another origin and sends no CORS headers.
    const location = `${otherOrigin}/login`;
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 303, headers: { location } }],
    });
    const errorEvent = nextEvent('pica-error');
    await connect(button);
    expect((await errorEvent).detail.error.message).to.contain('redirect');
    await saveEnded(button);
    expect(await posts(scope)).to.have.length(1);
  });

  it('is requested at most eight times within a minute, after increasing random delays', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 500 }] });
    const errorEvent = nextEvent('pica-error');
    await connect(button);
    expect((await errorEvent).detail.error.message).to.contain('500');
    expect(await posts(scope)).to.have.length(8);
    const maxDelaysMs = [500, 1000, 2000, 4000, 8000, 16_000, 16_000];
    expect(recordedDelaysMs()).to.have.length(maxDelaysMs.length);
    recordedDelaysMs().forEach((delayMs, index) => {
      expect(delayMs).to.be.within((maxDelaysMs[index] ?? 0) / 2, maxDelaysMs[index] ?? 0);
    });
    // Seven random delays never all equal their maximum.
    expect(recordedDelaysMs()).not.to.deep.equal(maxDelaysMs);
  });

  it('is retried only after the seconds in Retry-After', async () => {
    const { scope, button } = await mountStoringButton();
    const headers = { 'retry-after': '12' };
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 429, headers, times: 1 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect(recordedDelaysMs()).to.deep.equal([12_000]);
  });

  it('is retried only after the date in Retry-After', async () => {
    const { scope, button } = await mountStoringButton();
    const headers = { 'retry-after': new Date(Date.now() + 40_000).toUTCString() };
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 429, headers, times: 1 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect(recordedDelaysMs()).to.have.length(1);
    // Less than 40 s, because the test has taken time, but more than the longest delay of our own.
    expect(recordedDelaysMs()[0]).to.be.within(16_001, 40_000);
  });

  for (const retryAfter of [new Date(Date.now() + 3_600_000).toUTCString(), '2099-01-01', '3600']) {
    it(`is not retried if Retry-After is ${retryAfter}`, async () => {
      const { scope, button } = await mountStoringButton();
      const headers = { 'retry-after': retryAfter };
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status: 503, headers }],
      });
      const errorEvent = nextEvent('pica-error');
      await connect(button);
      await errorEvent;
      expect(await posts(scope)).to.have.length(1);
    });
  }

  it('that can’t be reached leaves the element unsaved, with a Retry button', async () => {
    const scope = uniqueName();
    const button = await mountButton({ connectionsUrl: `${hangsUp}/connections` });
    const { frame, closed } = await connect(button);
    exit(frame);
    await closed;
    await until(() => button.status === 'unsaved');
    await button.updateComplete;
    button.connectionsUrl = connectionsUrl(scope);
    const buttons = [...part(button, 'message').querySelectorAll('button')];
    expect(buttons.map((button) => button.innerText)).to.deep.equal(['Retry']);
    buttons[0]?.click();
    await until(() => button.status === 'idle');
    expect(await posts(scope)).to.have.length(1);
    await button.updateComplete;
    expect(part(button, 'message').innerText).to.equal('');
  });

  it('receives a retry with the headers of the user who connected, if no identity is set', async () => {
    const { scope, button } = await mountStoringButton({ requestHeaders: { 'x-user-id': 'ada' } });
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    button.requestHeaders = { 'x-user-id': 'grace' };
    await button.updateComplete;
    button.retrySave();
    await until(() => button.status === 'idle');
    const users = (await posts(scope)).map(({ headers }) => headers['x-user-id']);
    expect(users).to.deep.equal(['ada', 'ada']);
  });

  it('receives a retry with the current headers if the user is the same', async () => {
    const { scope, button } = await mountStoringButton({
      identity: 'ada',
      requestHeaders: { 'x-user-id': 'old' },
    });
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 400, times: 1 }],
    });
    const { closed } = await connect(button);
    button.close();
    await closed;
    await until(() => button.status === 'unsaved');
    button.requestHeaders = { 'x-user-id': 'new' };
    await button.updateComplete;
    await until(() => button.status !== 'saving');
    button.retrySave();
    await until(() => button.status === 'idle');
    const users = (await posts(scope)).map(({ headers }) => headers['x-user-id']);
    expect([users[0], users.at(-1)]).to.deep.equal(['old', 'new']);
  });
});
