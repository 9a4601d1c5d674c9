import { expect } from '@open-wc/testing';
import type { PicaConnectButton, PicaError } from '../../src/classes.js';
import {
  authkitFrame,
  expectClick,
  hesitated,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  recordEvents,
  spyOn,
  theFrame,
  visibleFrame,
} from '../fixtures/elements.js';
import { endpoints, engine, hangsUp, ownEndpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextPuppetMessage,
  nextRequest,
  release,
  requests,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import type { Behaviour, Control, ReceivedRequest } from '../fixtures/servers/protocol.js';

const token = {
  rows: [
    { title: 'Gmail', type: 'gmail', connectionDefId: 'conn_def::gmail', active: true },
    { title: 'Google Calendar', type: 'google-calendar', active: true },
    { title: 'Old', type: 'old', active: false },
  ],
};

/** A button whose token endpoint behaves like this. */
const mountOn = async (
  settings: Control | Partial<Behaviour>,
  properties: Partial<PicaConnectButton> = {},
  root = endpoints,
) => {
  const scope = uniqueName();
  const behaviour =
    'token' in settings || 'behaviour' in settings ? undefined : [{ path: 'token', ...settings }];
  await control(scope, behaviour ? { token, behaviour } : (settings as Control));
  const button = await mountButton({ tokenUrl: `${root}/${scope}/token`, ...properties });
  return { scope, button };
};

/** The first error after one click. */
const firstError = async (button: PicaConnectButton): Promise<PicaError> => {
  const told = nextEvent('pica-error', button);
  part(button, 'button').click();
  return (await told).detail.error;
};

const faultOf = async (...args: Parameters<typeof mountOn>): Promise<PicaError> =>
  firstError((await mountOn(...args)).button);

const noCors = {
  'access-control-allow-origin': null,
  'access-control-allow-headers': null,
  'access-control-allow-credentials': null,
  'access-control-allow-methods': null,
  'access-control-expose-headers': null,
};

/** All that a page would say to whoever reads it. */
const wordsOf = ({ message, hint }: PicaError) => `${message} ${hint}`;

const tokenRequests = async (scope: string): Promise<ReceivedRequest[]> =>
  (await requests(scope)).filter(({ method, path }) => method === 'POST' && path === 'token');

/** What is said on the console until it is stopped. */
const listenToConsole = () => {
  const said: string[] = [];
  const stop = spyOn(console, 'warn', (_, [text]) => said.push(String(text)));
  return { said, stop };
};

describe('a token endpoint at fault', () => {
  describe('is token-endpoint-method', () => {
    it('where POST is answered with 405', async () => {
      const error = await faultOf({ method: 'POST', status: 405 });
      expect(error.code).to.equal('token-endpoint-method');
      expect(wordsOf(error)).to.contain('405').and.to.contain('POST');
    });

    for (const [what, status] of [
      ['is refused', 405],
      ['is not found', 404],
    ] as const) {
      it(`where OPTIONS ${what}`, async () => {
        const error = await faultOf({ method: 'OPTIONS', status });
        expect(wordsOf(error)).to.contain('OPTIONS');
        expect(error.code).to.equal('token-endpoint-method');
      });
    }

    it('where OPTIONS wants to know who asks', async () => {
      const { button } = await mountOn(
        { method: 'OPTIONS', status: 401 },
        { tokenHeaders: { 'x-user-id': '7' } },
      );
      const error = await firstError(button);
      expect(error.code).to.equal('token-endpoint-method');
      expect(error.hint).to.contain('without asking who the user is');
    });
  });

  describe('is token-endpoint-cors', () => {
    const bothMethods = (headers: Behaviour['headers']): Control => ({
      token,
      behaviour: ['POST', 'OPTIONS', 'HEAD'].map((method) => ({
        path: 'token',
        method,
        status: method === 'POST' ? 200 : 204,
        ...(method === 'POST' && { body: token }),
        headers,
      })),
    });

    it('without CORS headers', async () => {
      const error = await faultOf(bothMethods(noCors));
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('Access-Control-Allow-Origin');
    });

    it('with those of another origin', async () => {
      const error = await faultOf(
        bothMethods({ 'access-control-allow-origin': 'https://other.example' }),
      );
      // No page may read which origin it is.
      expect(error.code).to.equal('token-endpoint-cors');
    });

    it('where it allows AuthKit alone, which looks the same from the page, and is said to', async () => {
      const error = await faultOf(
        bothMethods({ 'access-control-allow-origin': 'https://authkit.picaos.com' }),
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('token-check="off"');
    });

    it('where a header is not allowed, and names it', async () => {
      const error = await faultOf(
        bothMethods({ 'access-control-allow-headers': 'content-type, x-team' }),
        { tokenHeaders: { 'x-user-id': '7', 'x-team': 'a' } },
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.message).to.equal('The token endpoint does not allow the header x-user-id.');
      expect(error.hint).to.contain(
        'Access-Control-Allow-Headers: content-type, x-user-id, x-team',
      );
    });

    it('where it answers with a redirect', async () => {
      const error = await faultOf({ method: 'POST', status: 302, headers: { location: '/login' } });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(wordsOf(error)).to.contain('redirect');
    });

    it('where the redirect comes without CORS headers, which no page can tell from their absence', async () => {
      const error = await faultOf({
        method: 'POST',
        status: 302,
        headers: { ...noCors, location: '/login' },
      });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('redirect');
    });

    it('where its errors come without CORS headers, which no page can tell either', async () => {
      const error = await faultOf({ method: 'POST', status: 405, headers: noCors });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('405');
    });

    it('where it allows cookies to everybody, on the page’s own origin', async () => {
      const error = await faultOf(
        {
          headers: {
            'access-control-allow-origin': '*',
            'access-control-allow-credentials': 'true',
          },
        },
        {},
        ownEndpoints,
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(wordsOf(error)).to.contain('Access-Control-Allow-Credentials');
    });

    it('where it names another origin than AuthKit’s, on the page’s own origin', async () => {
      const error = await faultOf(
        { headers: { 'access-control-allow-origin': 'https://other.example' } },
        {},
        ownEndpoints,
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(wordsOf(error)).to.contain('https://other.example');
    });
  });

  describe('is token-endpoint-unreachable', () => {
    it('where nothing is there', async () => {
      const button = await mountButton({ tokenUrl: `${hangsUp}/token` });
      const error = await firstError(button);
      expect(error.code).to.equal('token-endpoint-unreachable');
      expect(error.hint).to.contain('host and port');
    });

    it('where it hangs up', async () => {
      const error = await faultOf({ drop: true });
      expect(error.code).to.equal('token-endpoint-unreachable');
    });

    it('where it is at http and AuthKit at https', async () => {
      const tokenUrl = 'http://192.0.2.1/token';
      const button = await mountButton({ tokenUrl, baseUrl: 'https://authkit.invalid' });
      const asked: unknown[] = [];
      const stop = spyOn(window, 'fetch', (_, [url]) => asked.push(url));
      const error = await firstError(button);
      stop();
      expect(error.code).to.equal('token-endpoint-unreachable');
      expect(error.message).to.contain('mixed content');
      // What AuthKit's page cannot do need not be tried.
      expect(asked).not.to.include(tokenUrl);
    });
  });

  describe('that cannot be reached is said to be forbidden by the page', () => {
    /** What is said where the browser reports this of a policy as the endpoint is asked. */
    const faultWith = async (report: Partial<SecurityPolicyViolationEventInit>) => {
      const tokenUrl = `${hangsUp}/${uniqueName()}`;
      const event = new SecurityPolicyViolationEvent('securitypolicyviolation', {
        documentURI: location.href,
        violatedDirective: 'connect-src',
        effectiveDirective: 'connect-src',
        disposition: 'enforce',
        originalPolicy: '',
        statusCode: 200,
        blockedURI: tokenUrl,
        ...report,
      });
      const stop = spyOn(window, 'fetch', (_, [url]) => {
        if (url === tokenUrl) document.dispatchEvent(event);
      });
      const error = await firstError(await mountButton({ tokenUrl }));
      stop();
      expect(error.code).to.equal('token-endpoint-unreachable');
      return error;
    };

    it('where a policy keeps it from asking there', async () => {
      expect(wordsOf(await faultWith({}))).to.contain('connect-src');
    });

    for (const [what, report] of [
      ['is about something else', { effectiveDirective: 'img-src' }],
      ['only reports', { disposition: 'report' }],
      ['is about another origin', { blockedURI: `${endpoints}/token` }],
      ['is about no address', { blockedURI: 'https://' }],
    ] as const) {
      it(`but not where the policy ${what}`, async () => {
        expect(wordsOf(await faultWith(report))).to.not.contain('connect-src');
      });
    }
  });

  describe('at http, with AuthKit at https,', () => {
    const messageAt = async (tokenUrl: string) => {
      const button = await mountButton({ tokenUrl, baseUrl: 'https://authkit.invalid' });
      return (await firstError(button)).message;
    };

    // Nothing is there either; but that has been tried.
    for (const host of [
      'localhost:1',
      'app.localhost:1',
      '127.0.0.1:1',
      '127.1.2.3:1',
      '[::1]:1',
    ]) {
      it(`may be on this machine: ${host}`, async () => {
        expect(await messageAt(`http://${host}/token`)).not.to.contain('mixed content');
      });
    }

    for (const host of [
      ...['localhost.example', 'notlocalhost', '127.example', 'x127.0.0.1.example', '[::1:1]'],
      'example.invalid/http://localhost',
    ]) {
      it(`may not be elsewhere: ${host}`, async () => {
        expect(await messageAt(`http://${host}/token`)).to.contain('mixed content');
      });
    }

    it('may be at https elsewhere', async () => {
      expect(await messageAt('https://[::1]:1/token')).not.to.contain('mixed content');
    });
  });

  describe('is token-endpoint-status', () => {
    for (const [status, words] of [
      [401, 'who the user is'],
      [403, 'CSRF'],
      [404, 'nothing at this URL'],
      [429, 'too many requests'],
      [500, 'failed'],
      [503, 'failed'],
    ] as const) {
      it(`where it answers ${String(status)}`, async () => {
        const error = await faultOf({ method: 'POST', status });
        expect(error.code).to.equal('token-endpoint-status');
        expect(error.message).to.contain(String(status));
        expect(error.hint).to.contain(words);
      });
    }

    it('whatever comes with it, even a token', async () => {
      const error = await faultOf({ method: 'POST', status: 500, body: token });
      expect(error.code).to.equal('token-endpoint-status');
    });

    it('with the beginning of what it said, in one line and without markup', async () => {
      const body = `<html><style>b{}</style><h1>Whoops</h1>\n<p>no   table <b>users</b></p>${'x'.repeat(500)}`;
      const { message } = await faultOf({ method: 'POST', status: 500, body });
      expect(message).to.contain('500: Whoops no table users');
      expect(message).to.have.length.below(250);
    });

    it('with the message of a JSON body', async () => {
      const { message } = await faultOf({
        method: 'POST',
        status: 401,
        body: { error: 'no session', trace: 's3cr3t' },
      });
      expect(message).to.contain('401: no session').and.to.not.contain('s3cr3t');
    });

    it('without a part of a header’s value, as servers repeat a token without its "Bearer"', async () => {
      const error = await faultOf(
        { method: 'POST', status: 401, body: 'Token s3cr3t-value has expired' },
        { tokenHeaders: { 'x-short': 's3cr3t', authorization: 'Bearer s3cr3t-value' } },
      );
      expect(error.message).to.equal('The token endpoint answered 401: Token … has expired.');
    });

    it('without the values of headers, whoever repeats them', async () => {
      const error = await faultOf(
        { method: 'POST', status: 403, body: 'Bearer s3cr3t-value is not valid' },
        { tokenHeaders: { authorization: 'Bearer s3cr3t-value' } },
      );
      expect(error.message).to.contain('is not valid');
      expect(wordsOf(error)).to.not.contain('s3cr3t');
    });
  });

  describe('is token-response-invalid', () => {
    const second = 1000;
    for (const [what, body, words] of [
      ['text', 'OK', 'not JSON'],
      ['the web page of a login', '<!doctype html><title>Sign in</title>', 'web page'],
      ['nothing', '', 'empty'],
      ['null', 'null', 'null'],
      ['a list', [], 'not an object'],
      ['a number', 5, 'not an object'],
      ['a token in "token"', { token }, 'inside "token"'],
      ['a token in "data"', { data: token }, 'inside "data"'],
      [
        'a token as text in "body"',
        { statusCode: 200, body: JSON.stringify(token) },
        'inside "body"',
      ],
      ['no integrations', { rows: [] }, 'no integrations'],
      [
        'integrations that are switched off',
        { rows: [{ title: 'Gmail', active: false }] },
        'no integrations',
      ],
      ['an object of its own', { hello: 'world' }, 'no token'],
      ['a number for a token', { token: 5, expiresAt: Date.now() + 3_600_000 }, 'no token'],
      [
        'an expired token, in milliseconds',
        { token: 't', expiresAt: Date.now() - second },
        'expired',
      ],
      [
        'an expired token, in seconds',
        { token: 't', expiresAt: Math.floor(Date.now() / 1000) - 60 },
        'expired',
      ],
      ['an expired token, as a date', { token: 't', expiresAt: '2020-01-01T00:00:00Z' }, 'expired'],
    ] as const) {
      it(`where it answers with ${what}`, async () => {
        const error = await faultOf({ method: 'POST', status: 200, body });
        expect(error.code).to.equal('token-response-invalid');
        expect(error.message).to.contain(words);
      });
    }

    it('where it breaks off in the middle', async () => {
      const error = await faultOf({ method: 'POST', body: JSON.stringify(token), cut: true });
      expect(error.code).to.equal('token-response-invalid');
      // WebKitGTK takes what has come until then for the whole.
      expect(error.message).to.contain(engine === 'webkit' ? 'not JSON' : 'breaks off');
    });

    it('where it passes on that the secret key is wrong', async () => {
      const body = { type: 'Unauthorized', code: 2000, message: 'You are not authorized' };
      const error = await faultOf({ method: 'POST', status: 200, body });
      expect(error.code).to.equal('token-response-invalid');
      expect(error.message).to.contain('Unauthorized: 2000: You are not authorized');
      expect(error.hint).to.contain('The secret key is wrong');
    });

    it('where it passes on another error of Pica’s', async () => {
      const error = await faultOf({
        method: 'POST',
        status: 200,
        body: { type: 'Internal', message: 'Try later' },
      });
      expect(error.message).to.contain('Internal: Try later');
      expect(error.hint).to.not.contain('secret key');
    });
  });

  it('is asked again by the next opening, which says so again', async () => {
    const { scope, button } = await mountOn({ method: 'POST', status: 500 });
    await firstError(button);
    button.close();
    await firstError(button);
    expect(await tokenRequests(scope)).to.have.length(2);
  });

  it('is not asked again before somebody has clicked', async () => {
    const { scope, button } = await mountOn({ method: 'POST', status: 500 });
    await firstError(button);
    button.close();
    expectClick(button);
    await hesitated();
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('keeps AuthKit open, whose own words may help the user', async () => {
    const { button } = await mountOn({ method: 'POST', status: 500 });
    const told = nextEvent('pica-error', button);
    await openAuthKit(button);
    await told;
    expect(button.status).to.equal('open');
  });

  it('is not told once AuthKit has closed', async () => {
    const { scope, button } = await mountOn({ method: 'POST', hold: true, status: 500 });
    const { names } = recordEvents(button);
    void button.open();
    button.close();
    await release(scope);
    const other = await mountOn({ method: 'POST', status: 500 });
    await firstError(other.button);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });
});

describe('a healthy token endpoint', () => {
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
      const { scope, button } = await mountOn({ token: answer });
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
      const { button } = await mountOn({ headers }, {}, ownEndpoints);
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
    const { button } = await mountOn(
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
    const { button } = await mountOn(
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
    const { scope, button } = await mountOn({ token });
    const buttons = [button];
    while (buttons.length < 50) buttons.push(await mountButton({ tokenUrl: button.tokenUrl }));
    for (const one of buttons) {
      expectClick(one);
      part(one, 'button').focus();
    }
    await hesitated();
    for (const one of buttons.slice(0, 3)) {
      await openAuthKit(one);
      one.close();
    }
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('is asked anew for other names of headers, and not for other values', async () => {
    const { scope, button } = await mountOn({ token });
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
    const { scope, button } = await mountOn({ token });
    const users: Record<string, string>[] = [{ 'x-a': '1', 'x-b': '1' }, { 'x-ax-b': '1' }];
    for (const tokenHeaders of users) {
      button.tokenHeaders = tokenHeaders;
      await openAuthKit(button);
      button.close();
    }
    while ((await tokenRequests(scope)).length < 2);
  });

  it('is not asked anew for the same names of headers in another order', async () => {
    const { scope, button } = await mountOn({ token });
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
    const { button } = await mountOn({ token }, { selectedConnection: 'gmail' });
    await openAuthKit(button);
    button.close();
    void button.open();
    expect(authkitFrame() === null).to.equal(false);
    const { data } = await nextPuppetMessage('loaded', theFrame());
    expect(data?.selectedConnection).to.equal('Gmail');
  });

  it('is asked once where the click comes before its answer', async () => {
    const { scope, button } = await mountOn({ method: 'POST', hold: true });
    expectClick(button);
    await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
    await openAuthKit(button);
    await release(scope);
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('is asked as AuthKit asks it, with JSON and the headers', async () => {
    const { scope, button } = await mountOn({ token }, { tokenHeaders: { 'x-user-id': '7' } });
    await openAuthKit(button);
    const { body, headers } = await nextRequest(scope, { method: 'POST', path: 'token' });
    expect(body).to.deep.equal({});
    expect(headers).to.include({ 'content-type': 'application/json', 'x-user-id': '7' });
  });

  it('is asked without cookies, as AuthKit asks it', async () => {
    document.cookie = 'picaTest=1; path=/';
    const { scope, button } = await mountOn(
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
    const { scope } = await mountOn({ token });
    await mountList({
      tokenUrl: `${endpoints}/${scope}/token`,
      integrations: [{ platform: 'gmail', name: 'Gmail' }],
    });
    expect(await requests(scope)).to.deep.equal([]);
  });

  for (const intent of ['pointerover', 'focusin', 'touchstart']) {
    it(`is asked at ${intent}, ahead of the click`, async () => {
      const { scope, button } = await mountOn({ token });
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
    const { scope, button } = await mountOn(
      { token },
      { tokenHeaders: () => ({ 'x-call': String(++calls) }) },
    );
    expectClick(button);
    await hesitated();
    await openAuthKit(button);
    button.close();
    expect(calls).to.equal(1);
    const { headers } = await nextRequest(scope, { method: 'POST', path: 'token' });
    expect(headers).to.have.property('x-call', '1');
  });

  it('is not asked with token-check="off"', async () => {
    const { scope, button } = await mountOn({ method: 'POST', status: 500 }, { tokenCheck: 'off' });
    const { names } = recordEvents(button);
    expectClick(button);
    await hesitated();
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
      const { scope, button } = await mountOn(
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
      const { button } = await mountOn(
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
    const { scope, button } = await mountOn({ token });
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

describe('selected-connection', () => {
  const openedWith = async (selectedConnection: string) => {
    const { button } = await mountOn({ token }, { selectedConnection });
    void button.open();
    const { data } = await nextPuppetMessage('loaded');
    return { button, name: data?.selectedConnection };
  };

  for (const [written, name] of [
    ['Gmail', 'Gmail'],
    ['gmail', 'Gmail'],
    ['GMAIL', 'Gmail'],
    ['google-calendar', 'Google Calendar'],
    ['google calendar', 'Google Calendar'],
    ['conn_def::gmail', 'conn_def::gmail'],
  ] as const) {
    it(`"${written}" opens AuthKit at "${name}"`, async () => {
      expect((await openedWith(written)).name).to.equal(name);
    });
  }

  for (const written of ['Gmail', 'conn_def::b']) {
    it(`"${written}", exactly as AuthKit has it, is never another of the same letters`, async () => {
      const rows = [
        { title: 'GMAIL', connectionDefId: 'conn_def::a' },
        { title: 'Gmail', connectionDefId: 'conn_def::b' },
      ];
      const { button } = await mountOn({ token: { rows } }, { selectedConnection: written });
      const { names } = recordEvents(button);
      const { said, stop } = listenToConsole();
      await openAuthKit(button);
      stop();
      expect(button.selectedConnection).to.equal(written);
      expect(names).to.deep.equal(['pica-open']);
      expect(said).to.deep.equal([]);
    });
  }

  for (const field of ['title', 'platform', 'key', 'type', 'connectionDefId']) {
    it(`is found by "${field}" in another spelling`, async () => {
      const value = field === 'connectionDefId' ? 'conn_def::exa-mail' : 'exa-mail';
      const rows = [
        { title: 'Other', type: 'other' },
        { title: 'Exa', [field]: value },
      ];
      const { button } = await mountOn({ token: { rows } }, { selectedConnection: 'EXA Mail' });
      void button.open();
      const { data } = await nextPuppetMessage('loaded');
      expect(data?.selectedConnection).to.equal(rows[1]?.title);
    });
  }

  it('in another spelling is said once on the console', async () => {
    const { said, stop } = listenToConsole();
    const { button } = await openedWith('gOOgle  cAlendar');
    button.close();
    void button.open();
    await nextPuppetMessage('loaded');
    stop();
    expect(said).to.have.length(1);
    expect(said[0]).to.contain('"Google Calendar"');
  });

  it('that is unknown is integration-not-found, with the nearest names', async () => {
    const { button } = await mountOn({ token }, { selectedConnection: 'Gogle Calender' });
    const error = await firstError(button);
    expect(error.code).to.equal('integration-not-found');
    expect(error.message).to.contain('Gogle Calender');
    expect(error.hint).to.contain('"Google Calendar"');
    await visibleFrame();
  });

  it('that is switched off is integration-not-found', async () => {
    const { button } = await mountOn({ token }, { selectedConnection: 'Old' });
    expect((await firstError(button)).code).to.equal('integration-not-found');
  });
});

describe('token-headers', () => {
  it('with other values are not said to be odd', async () => {
    const { said, stop } = listenToConsole();
    const values = ['undefined?', 'x null', 'a [object Object]', '[object Object] b', '[object ]'];
    const tokenHeaders = Object.fromEntries(values.map((value, index) => [`x-${index}`, value]));
    const { button } = await mountOn({ token }, { tokenHeaders });
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
      const { button } = await mountOn({ token }, { tokenHeaders: { [name]: value } });
      const { names } = recordEvents(button);
      await openAuthKit(button);
      button.close();
      stop();
      expect(said.join()).to.contain(name);
      expect(names).to.deep.equal(['pica-open', 'pica-close']);
    });
  }
});
