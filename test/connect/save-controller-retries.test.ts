import { expect } from '@open-wc/testing';
import { exit, mountButton, nextEvent, part, until } from '../fixtures/elements.js';
import { hangsUp, otherOrigin } from '../fixtures/servers/origins.js';
import { control, uniqueName } from '../fixtures/servers/puppet-client.js';
import {
  connect,
  connectionsUrl,
  mountStoringButton,
  posts,
  delaysSoFar,
  saveEnded,
} from '../fixtures/saving.js';

describe('connections-url', () => {
  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`is asked again after ${status}`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status, times: 2 }],
      });
      await connect(button);
      await until(() => button.status === 'open');
      expect(await posts(scope)).to.have.length(3);
    });
  }

  it('is asked again after it has hung up', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', drop: true, times: 2 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect((await posts(scope)).at(-1)?.state).to.equal('answered');
  });

  // Browsers repeat such a request by themselves too, which counts for nothing here.
  for (const [what, behaviour] of [
    ['has hung up', { drop: true }],
    ['has answered 408', { status: 408 }],
  ] as const) {
    it(`is waited for after it ${what}, and says so in the end`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', ...behaviour }] });
      const heard = nextEvent('pica-error');
      await connect(button);
      const { error } = (await heard).detail;
      expect(delaysSoFar()).to.have.length(7);
      expect(error.cause instanceof TypeError).to.equal('drop' in behaviour);
    });
  }

  for (const status of [400, 401, 403, 404, 409, 422]) {
    it(`is not asked again after ${status}`, async () => {
      const { scope, button } = await mountStoringButton();
      await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status }] });
      const heard = nextEvent('pica-error');
      await connect(button);
      const { error } = (await heard).detail;
      expect(error.code).to.equal('save-failed');
      expect(error.message).to.contain(`connections-url answered ${status}`);
      expect(error.connection).to.have.property('key', 'live::gmail::default::abc123');
      expect(await posts(scope)).to.have.length(1);
    });
  }

  it('that redirects, as to a login page, has stored nothing', async () => {
    const { scope, button } = await mountStoringButton();
    // On another origin, as login pages often are, and without CORS.
    const location = `${otherOrigin}/login`;
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 303, headers: { location } }],
    });
    const heard = nextEvent('pica-error');
    await connect(button);
    expect((await heard).detail.error.message).to.contain('redirect');
    await saveEnded(button);
    expect(await posts(scope)).to.have.length(1);
  });

  it('is asked at most eight times, at growing and uneven intervals, within a minute', async () => {
    const { scope, button } = await mountStoringButton();
    await control(scope, { behaviour: [{ method: 'POST', path: 'connections', status: 500 }] });
    const heard = nextEvent('pica-error');
    await connect(button);
    expect((await heard).detail.error.message).to.contain('500');
    expect(await posts(scope)).to.have.length(8);
    const most = [500, 1000, 2000, 4000, 8000, 16_000, 16_000];
    expect(delaysSoFar()).to.have.length(most.length);
    delaysSoFar().forEach((wait, index) => {
      expect(wait).to.be.within((most[index] ?? 0) / 2, most[index] ?? 0);
    });
    // The chance that seven random numbers are none is nil.
    expect(delaysSoFar()).not.to.deep.equal(most);
  });

  it('is left alone for as long as Retry-After says', async () => {
    const { scope, button } = await mountStoringButton();
    const headers = { 'retry-after': '12' };
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 429, headers, times: 1 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect(delaysSoFar()).to.deep.equal([12_000]);
  });

  it('is left alone until the date that Retry-After says', async () => {
    const { scope, button } = await mountStoringButton();
    const headers = { 'retry-after': new Date(Date.now() + 40_000).toUTCString() };
    await control(scope, {
      behaviour: [{ method: 'POST', path: 'connections', status: 429, headers, times: 1 }],
    });
    await connect(button);
    await until(() => button.status === 'open');
    expect(delaysSoFar()).to.have.length(1);
    // Less what the test itself has taken, and at least more than any wait of its own.
    expect(delaysSoFar()[0]).to.be.within(16_001, 40_000);
  });

  for (const after of [new Date(Date.now() + 3_600_000).toUTCString(), '2099-01-01', '3600']) {
    it(`that wants to be left alone until ${after} is given up at once`, async () => {
      const { scope, button } = await mountStoringButton();
      const headers = { 'retry-after': after };
      await control(scope, {
        behaviour: [{ method: 'POST', path: 'connections', status: 503, headers }],
      });
      const heard = nextEvent('pica-error');
      await connect(button);
      await heard;
      expect(await posts(scope)).to.have.length(1);
    });
  }

  it('that cannot be reached leaves the element unsaved, with a way to try again', async () => {
    const scope = uniqueName();
    const button = await mountButton({ connectionsUrl: `${hangsUp}/connections` });
    const { frame, closed } = await connect(button);
    exit(frame);
    await closed;
    await until(() => button.status === 'unsaved');
    await button.updateComplete;
    button.connectionsUrl = connectionsUrl(scope);
    const again = [...part(button, 'message').querySelectorAll('button')];
    expect(again.map((each) => each.innerText)).to.deep.equal(['Retry']);
    again[0]?.click();
    await until(() => button.status === 'idle');
    expect(await posts(scope)).to.have.length(1);
    await button.updateComplete;
    expect(part(button, 'message').innerText).to.equal('');
  });

  it('is sent it again with the headers of who connected, where nobody says who that is', async () => {
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

  it('is sent it again with the newest headers of the same user', async () => {
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
