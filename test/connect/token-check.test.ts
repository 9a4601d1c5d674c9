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
  until,
  recordEvents,
} from '../fixtures/elements.js';
import { endpoints, ownEndpoints } from '../fixtures/servers/origins.js';
import {
  nextRequest,
  puppetUrl,
  release,
  requestedNames,
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
  for (const [description, answer] of [
    ['that lists integrations', token],
    ['in the older format', { token: 'abc', expiresAt: Date.now() + 3_600_000 }],
    [
      'in the older format, with seconds',
      { token: 'abc', expiresAt: Math.ceil(Date.now() / 1000) + 3600 },
    ],
  ] as const) {
    it(`${description} causes no warning`, async () => {
      const { warnings, stop } = listenToConsole();
      const { scope, button } = await mountWithEndpoint({ token: answer });
      const { names } = recordEvents(button);
      await openAuthKit(button);
      while ((await tokenRequests(scope))[0]?.state !== 'answered');
      button.close();
      stop();
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
      expect(warnings).to.deep.equal([]);
    });
  }

  it('on the page’s own origin causes no warning, no matter which origins it allows', async () => {
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
      const { warnings, stop } = listenToConsole();
      const { button } = await mountWithEndpoint({ headers }, {}, ownEndpoints);
      const { names } = recordEvents(button);
      await openAuthKit(button);
      button.close();
      // The response is known by now, and would be reported at once.
      await openAuthKit(button);
      button.close();
      stop();
      expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open', 'pica-close']);
      expect(warnings).to.deep.equal([]);
    }
  });

  it('on another origin that exposes no headers causes no warning', async () => {
    const { warnings, stop } = listenToConsole();
    const { button } = await mountWithEndpoint(
      { headers: { 'access-control-expose-headers': null, vary: null } },
      { selectedConnection: 'gMAIL' },
    );
    void button.open();
    // The name is corrected after the headers have been checked.
    await until(() => warnings.length > 0);
    button.close();
    stop();
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.contain('corrected');
  });

  it('on the page’s own origin without CORS headers causes a warning, but no error', async () => {
    const { warnings, stop } = listenToConsole();
    const { button } = await mountWithEndpoint(
      { headers: { ...noCors, vary: null } },
      { selectedConnection: 'Gmail' },
      ownEndpoints,
    );
    const { names } = recordEvents(button);
    await openAuthKit(button);
    await until(() => warnings.join().includes('access-control-allow-origin'));
    button.close();
    stop();
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });

  it('is requested once for fifty buttons', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const buttons = [button];
    while (buttons.length < 50) buttons.push(await mountButton({ tokenUrl: button.tokenUrl }));
    for (const each of buttons) {
      hover(each);
      part(each, 'button').focus();
    }
    await intentDelayPassed();
    for (const one of buttons.slice(0, 3)) {
      await openAuthKit(one);
      one.close();
    }
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('is requested again for other header names, but not for other values', async () => {
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
    while (!(await tokenRequests(scope)).some(({ headers }) => headers['x-team']));
    expect(await tokenRequests(scope)).to.have.length(2);
  });

  it('is requested again for header names that only look equal when joined', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const users: Record<string, string>[] = [{ 'x-a': '1', 'x-b': '1' }, { 'x-ax-b': '1' }];
    for (const tokenHeaders of users) {
      button.tokenHeaders = tokenHeaders;
      await openAuthKit(button);
      button.close();
    }
    while ((await tokenRequests(scope)).length < 2);
  });

  it('is not requested again if only the order of headers differs', async () => {
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

  it('lets AuthKit open with the corrected name once its response is known', async () => {
    const page = uniqueName();
    const { button } = await mountWithEndpoint(
      { token },
      { selectedConnection: 'gmail', baseUrl: puppetUrl(page) },
    );
    void button.open();
    while ((await requestedNames(page)).at(-1) !== 'Gmail');
    const before = await requestedNames(page);
    button.close();
    await openAuthKit(button);
    expect(await requestedNames(page)).to.deep.equal([...before, 'Gmail']);
  });

  it('is requested once if the click comes before the response', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', hold: true });
    hover(button);
    await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
    await openAuthKit(button);
    await release(scope);
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('is requested as AuthKit does, with JSON and the headers', async () => {
    const { scope, button } = await mountWithEndpoint(
      { token },
      { tokenHeaders: { 'x-user-id': '7' } },
    );
    await openAuthKit(button);
    const { body, headers } = await nextRequest(scope, { method: 'POST', path: 'token' });
    expect(body).to.deep.equal({});
    expect(headers).to.include({ 'content-type': 'application/json', 'x-user-id': '7' });
  });

  it('is requested without cookies, as AuthKit does', async () => {
    document.cookie = 'picaTest=1; path=/';
    const { scope, button } = await mountWithEndpoint(
      { token },
      { selectedConnection: 'Gmail' },
      ownEndpoints,
    );
    await openAuthKit(button);
    const { headers } = await nextRequest(scope, { method: 'POST', path: 'token' });
    button.close();
    document.cookie = 'picaTest=; path=/; max-age=0';
    expect(headers).to.not.have.property('cookie');
  });

  it('is not requested on load', async () => {
    const { scope } = await mountWithEndpoint({ token });
    await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      integrations: [{ platform: 'gmail', name: 'Gmail' }],
    });
    expect(await requests(scope)).to.deep.equal([]);
  });

  for (const intent of ['pointerover', 'focusin', 'touchstart']) {
    it(`is requested on ${intent}, before the click`, async () => {
      const { scope, button } = await mountWithEndpoint({ token });
      button.dispatchEvent(new Event(intent));
      while ((await tokenRequests(scope)).length === 0);
      expect(authkitFrame()).to.equal(null);
    });
  }

  it('is requested when a list’s Connect gets the focus', async () => {
    const scope = uniqueName();
    const list = await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      integrations: [{ platform: 'gmail', name: 'Gmail' }],
    });
    list.shadowRoot?.querySelector<HTMLElement>('[data-action="connect"]')?.focus();
    while ((await tokenRequests(scope)).length === 0);
  });

  it('is not requested on intent if a function provides the headers', async () => {
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

  it('is not requested with token-check="off"', async () => {
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

  for (const [condition, selectedConnection] of [
    ['with a name to correct', 'gmail'],
    ['without a name', null],
  ] as const) {
    it(`that is slow does not delay AuthKit ${condition}`, async () => {
      const { scope, button } = await mountWithEndpoint(
        { method: 'POST', hold: true },
        { selectedConnection },
      );
      const { frame } = await openAuthKit(button);
      // AuthKit is visible although the endpoint has not responded yet.
      expect(frame.checkVisibility()).to.equal(true);
      expect(button.status).to.equal('open');
      await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
      await release(scope);
    });
  }

  for (const [description, row] of [
    ['a null', null],
    ['a title that is not a string', { title: { en: 'Gmail' } }],
    ['a definition that is an object', { title: 'Odd', connectionDefId: {} }],
  ] as const) {
    it(`with ${description} among its rows lets AuthKit open each time`, async () => {
      const rows = [row, { title: 'Gmail', active: true }];
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

  it('is requested again after five minutes, and not before', async () => {
    const { scope, button } = await mountWithEndpoint({ token });
    const { now } = Date;
    const openAt = async (seconds: number): Promise<number> => {
      Date.now = () => now() + seconds * 1000;
      const closeEvent = nextEvent('pica-close', button);
      await openAuthKit(button);
      // If the opening sent a request, it has been answered by now.
      while ((await tokenRequests(scope)).at(-1)?.state !== 'answered');
      button.close();
      await closeEvent;
      return (await tokenRequests(scope)).length;
    };
    try {
      expect(await openAt(0)).to.equal(1);
      expect(await openAt(240)).to.equal(1);
      // The five minutes count from the response, not from its last use.
      expect(await openAt(301)).to.equal(2);
      expect(await openAt(301)).to.equal(2);
    } finally {
      Date.now = now;
    }
  });
});

describe('token-headers', () => {
  it('with ordinary values cause no warning', async () => {
    const { warnings, stop } = listenToConsole();
    const values = ['undefined?', 'x null', 'a [object Object]', '[object Object] b', '[object ]'];
    const tokenHeaders = Object.fromEntries(values.map((value, index) => [`x-${index}`, value]));
    const { button } = await mountWithEndpoint({ token }, { tokenHeaders });
    await openAuthKit(button);
    stop();
    expect(warnings).to.deep.equal([]);
  });

  const suspicious = [
    '',
    ' ',
    'undefined',
    ' undefined',
    'null',
    'null ',
    'NaN',
    '[object Object]',
  ];
  for (const [index, value] of [...suspicious, '[object HTMLElement]'].entries()) {
    it(`with the value "${value}" cause a warning, but are sent`, async () => {
      const { warnings, stop } = listenToConsole();
      // Each name causes only one warning.
      const name = `x-odd${index}`;
      const { button } = await mountWithEndpoint({ token }, { tokenHeaders: { [name]: value } });
      const { names } = recordEvents(button);
      await openAuthKit(button);
      button.close();
      stop();
      expect(warnings.join()).to.contain(name);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });
  }
});
