import { expect } from '@open-wc/testing';
import {
  authkitFrame,
  hover,
  intentDelayPassed,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  recordEvents,
  spyOn,
  theFrame,
} from '../fixtures/elements.js';
import { endpoints, ownEndpoints } from '../fixtures/servers/origins.js';
import {
  nextPuppetMessage,
  nextRequest,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import type { Behaviour } from '../fixtures/servers/protocol.js';
import {
  token,
  mountWithEndpoint,
  noCors,
  tokenRequests,
  listenToConsole,
} from '../fixtures/token-endpoint.js';

describe('a working token endpoint', () => {
  for (const [what, answer] of [
    ['that lists integrations', token],
    ['of the older kind', { token: 'abc', expiresAt: Date.now() + 3_600_000 }],
    [
      'of the older kind, in seconds',
      { token: 'abc', expiresAt: Math.ceil(Date.now() / 1000) + 3600 },
    ],
  ] as const) {
    it(`${what} is silent`, async () => {
      const { said, stop } = listenToConsole();
      const { scope, button } = await mountWithEndpoint({ token: answer });
      const { names } = recordEvents(button);
      await openAuthKit(button);
      while ((await tokenRequests(scope))[0]?.state !== 'answered');
      button.close();
      stop();
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
      expect(said).to.deep.equal([]);
    });
  }

  it('on the page’s own origin is silent too, whichever origins it names', async () => {
    const answers: Behaviour['headers'][] = [
      { 'access-control-allow-origin': '*', 'access-control-allow-credentials': null },
      {
        'access-control-allow-origin': '*',
        'access-control-allow-credentials': null,
        vary: null,
      },
      { 'access-control-allow-origin': null, vary: 'Origin' },
      {},
    ];
    for (const headers of answers) {
      const { said, stop } = listenToConsole();
      const { button } = await mountWithEndpoint({ headers }, {}, ownEndpoints);
      const { names } = recordEvents(button);
      await openAuthKit(button);
      button.close();
      // The answer is known by now: the next opening gives it no time.
      await openAuthKit(button);
      button.close();
      stop();
      expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open', 'pica-close']);
      expect(said).to.deep.equal([]);
    }
  });

  it('on another origin that lets no page see its headers is silent too', async () => {
    const { said, stop } = listenToConsole();
    const { button } = await mountWithEndpoint(
      { headers: { 'access-control-expose-headers': null, vary: null } },
      { selectedConnection: 'Gmail' },
    );
    await openAuthKit(button);
    button.close();
    stop();
    expect(said).to.deep.equal([]);
  });

  it('that shows no CORS headers to its own page gets a word on the console, and no error', async () => {
    const { said, stop } = listenToConsole();
    const { button } = await mountWithEndpoint(
      { headers: { ...noCors, vary: null } },
      { selectedConnection: 'Gmail' },
      ownEndpoints,
    );
    const { names } = recordEvents(button);
    await openAuthKit(button);
    button.close();
    stop();
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
    expect(said.join()).to.contain('access-control-allow-origin');
  });

  it('is asked once for fifty buttons', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const buttons = [button];
    while (buttons.length < 50) buttons.push(await mountButton({ tokenUrl: button.tokenUrl }));
    for (const one of buttons) {
      hover(one);
      part(one, 'button').focus();
    }
    await intentDelayPassed();
    for (const one of buttons.slice(0, 3)) {
      await openAuthKit(one);
      one.close();
    }
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('is asked again for other header names, and not for other values', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const users: Record<string, string>[] = [
      { 'x-user-id': '1' },
      { 'X-User-Id': '2' },
      { 'x-team': '1' },
    ];
    for (const tokenHeaders of users) {
      button.tokenHeaders = tokenHeaders;
      await openAuthKit(button);
      button.close();
    }
    expect(await tokenRequests(scope)).to.have.length(2);
  });

  it('is asked anew for names of headers that only look the same in a row', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const users: Record<string, string>[] = [{ 'x-a': '1', 'x-b': '1' }, { 'x-ax-b': '1' }];
    for (const tokenHeaders of users) {
      button.tokenHeaders = tokenHeaders;
      await openAuthKit(button);
      button.close();
    }
    while ((await tokenRequests(scope)).length < 2);
  });

  it('is not asked anew for the same names of headers in another order', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    for (const tokenHeaders of [
      { 'x-team': '1', 'x-user-id': '1' },
      { 'x-user-id': '1', 'x-team': '1' },
    ]) {
      button.tokenHeaders = tokenHeaders;
      await openAuthKit(button);
      button.close();
    }
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('that is known lets AuthKit open within the click, under the name that it knows', async () => {
    const { button } = await mountWithEndpoint({ token }, { selectedConnection: 'gmail' });
    await openAuthKit(button);
    button.close();
    void button.open();
    expect(authkitFrame() === null).to.equal(false);
    const { data } = await nextPuppetMessage('loaded', theFrame());
    expect(data?.selectedConnection).to.equal('Gmail');
  });

  it('is asked once where the click comes before its answer', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', hold: true });
    hover(button);
    await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
    await openAuthKit(button);
    await release(scope);
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('is asked as AuthKit asks it, with JSON and the headers', async () => {
    const { scope, button } = await mountWithEndpoint(
      { token },
      { tokenHeaders: { 'x-user-id': '7' } },
    );
    await openAuthKit(button);
    const { body, headers } = await nextRequest(scope, { method: 'POST', path: 'token' });
    expect(body).to.deep.equal({});
    expect(headers).to.include({ 'content-type': 'application/json', 'x-user-id': '7' });
  });

  it('is asked without cookies, as AuthKit asks it', async () => {
    document.cookie = 'picaTest=1; path=/';
    const { scope, button } = await mountWithEndpoint(
      { token },
      { selectedConnection: 'Gmail' },
      ownEndpoints,
    );
    await openAuthKit(button);
    button.close();
    document.cookie = 'picaTest=; path=/; max-age=0';
    const [request] = await tokenRequests(scope);
    expect(request?.headers).to.not.have.property('cookie');
  });

  it('is not asked when the page loads', async () => {
    const { scope } = await mountWithEndpoint({ token });
    await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      integrations: [{ platform: 'gmail', name: 'Gmail' }],
    });
    expect(await requests(scope)).to.deep.equal([]);
  });

  for (const intent of ['pointerover', 'focusin', 'touchstart']) {
    it(`is asked at ${intent}, before the click`, async () => {
      const { scope, button } = await mountWithEndpoint({ token });
      button.dispatchEvent(new Event(intent));
      while ((await tokenRequests(scope)).length === 0);
      expect(authkitFrame()).to.equal(null);
    });
  }

  it('is asked when the focus comes to a Connect of the list', async () => {
    const scope = uniqueName();
    const list = await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      integrations: [{ platform: 'gmail', name: 'Gmail' }],
    });
    list.shadowRoot?.querySelector<HTMLElement>('[data-action="connect"]')?.focus();
    while ((await tokenRequests(scope)).length === 0);
  });

  it('is not asked at intent where headers would have to be asked for', async () => {
    let calls = 0;
    const { scope, button } = await mountWithEndpoint(
      { token },
      { tokenHeaders: () => ({ 'x-call': String(++calls) }) },
    );
    hover(button);
    await intentDelayPassed();
    await openAuthKit(button);
    button.close();
    expect(calls).to.equal(1);
    const { headers } = await nextRequest(scope, { method: 'POST', path: 'token' });
    expect(headers).to.have.property('x-call', '1');
  });

  it('is not asked with token-check="off"', async () => {
    const { scope, button } = await mountWithEndpoint(
      { method: 'POST', status: 500 },
      { tokenCheck: 'off' },
    );
    const { names } = recordEvents(button);
    hover(button);
    await intentDelayPassed();
    await openAuthKit(button);
    button.close();
    expect(await requests(scope)).to.deep.equal([]);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });

  for (const [what, selectedConnection] of [
    ['with a name that may have to be corrected', 'Gmail'],
    ['without a name', null],
  ] as const) {
    it(`that is slow does not keep AuthKit from opening, ${what}`, async () => {
      const { scope, button } = await mountWithEndpoint(
        { method: 'POST', hold: true },
        { selectedConnection },
      );
      const waited: number[] = [];
      const stop = spyOn(window, 'setTimeout', (_, [, milliseconds]) =>
        waited.push(Number(milliseconds)),
      );
      const { frame } = await openAuthKit(button);
      stop();
      // AuthKit is visible, and the endpoint has yet to answer.
      expect(frame.checkVisibility()).to.equal(true);
      expect(button.status).to.equal('open');
      await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
      // What it has waited for, at the longest, where the name matters.
      expect(waited.includes(300)).to.equal(selectedConnection !== null);
      await release(scope);
    });
  }

  for (const [what, odd] of [
    ['a null', null],
    ['a title that is no text', { title: { en: 'Gmail' } }],
    ['a definition that is an object', { title: 'Odd', connectionDefId: {} }],
  ] as const) {
    it(`with ${what} among its rows opens AuthKit, each time`, async () => {
      const rows = [odd, { title: 'Gmail', active: true }];
      const { button } = await mountWithEndpoint(
        { method: 'POST', body: { rows } },
        { selectedConnection: 'gmail' },
      );
      const { names } = recordEvents(button);
      for (let time = 0; time < 2; time += 1) {
        await openAuthKit(button);
        button.close();
      }
      expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open', 'pica-close']);
    });
  }

  it('is asked again five minutes later, and not before', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const { now } = Date;
    const openAt = async (seconds: number): Promise<number> => {
      Date.now = () => now() + seconds * 1000;
      const told = nextEvent('pica-close', button);
      await openAuthKit(button);
      // A request that the opening makes has been received, and what came of it is known.
      while ((await tokenRequests(scope)).at(-1)?.state !== 'answered');
      button.close();
      await told;
      return (await tokenRequests(scope)).length;
    };
    try {
      expect(await openAt(0)).to.equal(1);
      expect(await openAt(240)).to.equal(1);
      // Asked at the beginning, not at 240.
      expect(await openAt(301)).to.equal(2);
      expect(await openAt(301)).to.equal(2);
    } finally {
      Date.now = now;
    }
  });
});

describe('token-headers', () => {
  it('with other values are not said to be odd', async () => {
    const { said, stop } = listenToConsole();
    const values = ['undefined?', 'x null', 'a [object Object]', '[object Object] b', '[object ]'];
    const tokenHeaders = Object.fromEntries(values.map((value, index) => [`x-${index}`, value]));
    const { button } = await mountWithEndpoint({ token }, { tokenHeaders });
    await openAuthKit(button);
    stop();
    expect(said).to.deep.equal([]);
  });

  const odd = ['', ' ', 'undefined', ' undefined', 'null', 'null ', 'NaN', '[object Object]'];
  for (const [index, value] of [...odd, '[object HTMLElement]'].entries()) {
    it(`with the value "${value}" are said to be odd, and sent`, async () => {
      const { said, stop } = listenToConsole();
      // What has been said of one is not said again.
      const name = `x-odd${index}`;
      const { button } = await mountWithEndpoint({ token }, { tokenHeaders: { [name]: value } });
      const { names } = recordEvents(button);
      await openAuthKit(button);
      button.close();
      stop();
      expect(said.join()).to.contain(name);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });
  }
});
