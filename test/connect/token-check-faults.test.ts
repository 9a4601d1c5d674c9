import { expect } from '@open-wc/testing';
import type { PicaError } from '../../src/classes.js';
import {
  hover,
  intentDelayPassed,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
  spyOn,
} from '../fixtures/elements.js';
import { endpoints, engine, hangsUp, ownEndpoints } from '../fixtures/servers/origins.js';
import { release, uniqueName } from '../fixtures/servers/puppet-client.js';
import type { Behaviour, Control } from '../fixtures/servers/protocol.js';
import {
  token,
  mountWithEndpoint,
  firstError,
  noCors,
  tokenRequests,
} from '../fixtures/token-endpoint.js';

const errorWith = async (...args: Parameters<typeof mountWithEndpoint>): Promise<PicaError> =>
  firstError((await mountWithEndpoint(...args)).button);

/** All that a page would say to whoever reads it. */
const messageAndHint = ({ message, hint }: PicaError) => `${message} ${hint}`;

describe('a faulty token endpoint', () => {
  describe('is token-endpoint-method', () => {
    it('where POST is answered with 405', async () => {
      const error = await errorWith({ method: 'POST', status: 405 });
      expect(error.code).to.equal('token-endpoint-method');
      expect(messageAndHint(error)).to.contain('405').and.to.contain('POST');
    });

    for (const [what, status] of [
      ['is refused', 405],
      ['is not found', 404],
    ] as const) {
      it(`where OPTIONS ${what}`, async () => {
        const error = await errorWith({ method: 'OPTIONS', status });
        expect(messageAndHint(error)).to.contain('OPTIONS');
        expect(error.code).to.equal('token-endpoint-method');
      });
    }

    it('where OPTIONS wants to know who asks', async () => {
      const { button } = await mountWithEndpoint(
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
      const error = await errorWith(bothMethods(noCors));
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('Access-Control-Allow-Origin');
    });

    it('with those of another origin', async () => {
      const error = await errorWith(
        bothMethods({ 'access-control-allow-origin': 'https://other.example' }),
      );
      // No page may read which origin it is.
      expect(error.code).to.equal('token-endpoint-cors');
    });

    it('where it allows AuthKit alone, which looks the same from the page, and is said to', async () => {
      const error = await errorWith(
        bothMethods({ 'access-control-allow-origin': 'https://authkit.picaos.com' }),
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('token-check="off"');
    });

    it('where a header is not allowed, and names it', async () => {
      const error = await errorWith(
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
      const error = await errorWith({
        method: 'POST',
        status: 302,
        headers: { location: '/login' },
      });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(messageAndHint(error)).to.contain('redirect');
    });

    it('where the redirect comes without CORS headers, which no page can tell from their absence', async () => {
      const error = await errorWith({
        method: 'POST',
        status: 302,
        headers: { ...noCors, location: '/login' },
      });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('redirect');
    });

    it('where its errors come without CORS headers, which no page can tell either', async () => {
      const error = await errorWith({ method: 'POST', status: 405, headers: noCors });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('405');
    });

    it('where it allows cookies to everybody, on the page’s own origin', async () => {
      const error = await errorWith(
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
      expect(messageAndHint(error)).to.contain('Access-Control-Allow-Credentials');
    });

    it('where it names another origin than AuthKit’s, on the page’s own origin', async () => {
      const error = await errorWith(
        { headers: { 'access-control-allow-origin': 'https://other.example' } },
        {},
        ownEndpoints,
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(messageAndHint(error)).to.contain('https://other.example');
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
      const error = await errorWith({ drop: true });
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
      expect(messageAndHint(await faultWith({}))).to.contain('connect-src');
    });

    for (const [what, report] of [
      ['is about something else', { effectiveDirective: 'img-src' }],
      ['only reports', { disposition: 'report' }],
      ['is about another origin', { blockedURI: `${endpoints}/token` }],
      ['is about no address', { blockedURI: 'https://' }],
    ] as const) {
      it(`but not where the policy ${what}`, async () => {
        expect(messageAndHint(await faultWith(report))).to.not.contain('connect-src');
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
        const error = await errorWith({ method: 'POST', status });
        expect(error.code).to.equal('token-endpoint-status');
        expect(error.message).to.contain(String(status));
        expect(error.hint).to.contain(words);
      });
    }

    it('whatever comes with it, even a token', async () => {
      const error = await errorWith({ method: 'POST', status: 500, body: token });
      expect(error.code).to.equal('token-endpoint-status');
    });

    it('with the beginning of what it said, in one line and without markup', async () => {
      const body = `<html><style>b{}</style><h1>Whoops</h1>\n<p>no   table <b>users</b></p>${'x'.repeat(500)}`;
      const { message } = await errorWith({ method: 'POST', status: 500, body });
      expect(message).to.contain('500: Whoops no table users');
      expect(message).to.have.length.below(250);
    });

    it('with the message of a JSON body', async () => {
      const { message } = await errorWith({
        method: 'POST',
        status: 401,
        body: { error: 'no session', trace: 's3cr3t' },
      });
      expect(message).to.contain('401: no session').and.to.not.contain('s3cr3t');
    });

    it('without a part of a header’s value, as servers repeat a token without its "Bearer"', async () => {
      const error = await errorWith(
        { method: 'POST', status: 401, body: 'Token s3cr3t-value has expired' },
        { tokenHeaders: { 'x-short': 's3cr3t', authorization: 'Bearer s3cr3t-value' } },
      );
      expect(error.message).to.equal('The token endpoint answered 401: Token … has expired.');
    });

    it('without the values of headers, whoever repeats them', async () => {
      const error = await errorWith(
        { method: 'POST', status: 403, body: 'Bearer s3cr3t-value is not valid' },
        { tokenHeaders: { authorization: 'Bearer s3cr3t-value' } },
      );
      expect(error.message).to.contain('is not valid');
      expect(messageAndHint(error)).to.not.contain('s3cr3t');
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
        const error = await errorWith({ method: 'POST', status: 200, body });
        expect(error.code).to.equal('token-response-invalid');
        expect(error.message).to.contain(words);
      });
    }

    it('where it breaks off in the middle', async () => {
      const error = await errorWith({ method: 'POST', body: JSON.stringify(token), cut: true });
      expect(error.code).to.equal('token-response-invalid');
      // WebKitGTK takes what has come until then for the whole.
      expect(error.message).to.contain(engine === 'webkit' ? 'not JSON' : 'breaks off');
    });

    it('where it passes on that the secret key is wrong', async () => {
      const body = { type: 'Unauthorized', code: 2000, message: 'You are not authorized' };
      const error = await errorWith({ method: 'POST', status: 200, body });
      expect(error.code).to.equal('token-response-invalid');
      expect(error.message).to.contain('Unauthorized: 2000: You are not authorized');
      expect(error.hint).to.contain('The secret key is wrong');
    });

    it('where it passes on another error of Pica’s', async () => {
      const error = await errorWith({
        method: 'POST',
        status: 200,
        body: { type: 'Internal', message: 'Try later' },
      });
      expect(error.message).to.contain('Internal: Try later');
      expect(error.hint).to.not.contain('secret key');
    });
  });

  it('is asked again by the next opening, which says so again', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', status: 500 });
    await firstError(button);
    button.close();
    await firstError(button);
    expect(await tokenRequests(scope)).to.have.length(2);
  });

  it('is not asked again before somebody has clicked', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', status: 500 });
    await firstError(button);
    button.close();
    hover(button);
    await intentDelayPassed();
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('keeps AuthKit open, as its own message may help the user', async () => {
    const { button } = await mountWithEndpoint({ method: 'POST', status: 500 });
    const told = nextEvent('pica-error', button);
    await openAuthKit(button);
    await told;
    expect(button.status).to.equal('open');
  });

  it('is not told once AuthKit has closed', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', hold: true, status: 500 });
    const { names } = recordEvents(button);
    void button.open();
    button.close();
    await release(scope);
    const other = await mountWithEndpoint({ method: 'POST', status: 500 });
    await firstError(other.button);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });
});
