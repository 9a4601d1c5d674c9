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

/** Everything that developers read about an error. */
const messageAndHint = ({ message, hint }: PicaError) => `${message} ${hint}`;

describe('a faulty token endpoint', () => {
  describe('gives token-endpoint-method', () => {
    it('if POST is answered with 405', async () => {
      const error = await errorWith({ method: 'POST', status: 405 });
      expect(error.code).to.equal('token-endpoint-method');
      expect(messageAndHint(error)).to.contain('405').and.to.contain('POST');
    });

    for (const [description, status] of [
      ['is refused', 405],
      ['is not found', 404],
    ] as const) {
      it(`if OPTIONS ${description}`, async () => {
        const error = await errorWith({ method: 'OPTIONS', status });
        expect(messageAndHint(error)).to.contain('OPTIONS');
        expect(error.code).to.equal('token-endpoint-method');
      });
    }

    it('if OPTIONS requires authentication', async () => {
      const { button } = await mountWithEndpoint(
        { method: 'OPTIONS', status: 401 },
        { tokenHeaders: { 'x-user-id': '7' } },
      );
      const error = await firstError(button);
      expect(error.code).to.equal('token-endpoint-method');
      expect(error.hint).to.contain('without asking who the user is');
    });
  });

  describe('gives token-endpoint-cors', () => {
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

    it('with the CORS headers of another origin', async () => {
      const error = await errorWith(
        bothMethods({ 'access-control-allow-origin': 'https://other.example' }),
      );
      // The page can't read which origin they name.
      expect(error.code).to.equal('token-endpoint-cors');
    });

    it('if it allows only AuthKit, with a hint to turn the check off, because the page can’t tell these apart', async () => {
      const error = await errorWith(
        bothMethods({ 'access-control-allow-origin': 'https://authkit.picaos.com' }),
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('token-check="off"');
    });

    it('if it does not allow a header, which the error names', async () => {
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

    it('if it redirects', async () => {
      const error = await errorWith({
        method: 'POST',
        status: 302,
        headers: { location: '/login' },
      });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(messageAndHint(error)).to.contain('redirect');
    });

    it('if it redirects without CORS headers, with a hint about redirects', async () => {
      const error = await errorWith({
        method: 'POST',
        status: 302,
        headers: { ...noCors, location: '/login' },
      });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('redirect');
    });

    it('if it fails without CORS headers, with a hint about the status', async () => {
      const error = await errorWith({ method: 'POST', status: 405, headers: noCors });
      expect(error.code).to.equal('token-endpoint-cors');
      expect(error.hint).to.contain('405');
    });

    it('if it allows all origins and credentials, even on the page’s own origin', async () => {
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

    it('if it names an origin other than AuthKit’s, even on the page’s own origin', async () => {
      const error = await errorWith(
        { headers: { 'access-control-allow-origin': 'https://other.example' } },
        {},
        ownEndpoints,
      );
      expect(error.code).to.equal('token-endpoint-cors');
      expect(messageAndHint(error)).to.contain('https://other.example');
    });
  });

  describe('gives token-endpoint-unreachable', () => {
    it('if nothing listens there', async () => {
      const button = await mountButton({ tokenUrl: `${hangsUp}/token` });
      const error = await firstError(button);
      expect(error.code).to.equal('token-endpoint-unreachable');
      expect(error.hint).to.contain('host and port');
    });

    it('if it drops the connection', async () => {
      const error = await errorWith({ drop: true });
      expect(error.code).to.equal('token-endpoint-unreachable');
    });

    it('if it uses http while AuthKit uses https', async () => {
      const tokenUrl = 'http://192.0.2.1/token';
      const button = await mountButton({ tokenUrl, baseUrl: 'https://authkit.invalid' });
      const requestedUrls: unknown[] = [];
      const stop = spyOn(window, 'fetch', (_, [url]) => requestedUrls.push(url));
      const error = await firstError(button);
      stop();
      expect(error.code).to.equal('token-endpoint-unreachable');
      expect(error.message).to.contain('mixed content');
      // AuthKit's page could not send this request, so the check doesn't try it.
      expect(requestedUrls).not.to.include(tokenUrl);
    });
  });

  describe('that the page’s policy blocks', () => {
    /** The error for a request during which the browser reports a violation. */
    const errorAfterViolation = async (report: Partial<SecurityPolicyViolationEventInit>) => {
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

    it('gives an error that names the directive', async () => {
      expect(messageAndHint(await errorAfterViolation({}))).to.contain('connect-src');
    });

    for (const [description, report] of [
      ['is about another directive', { effectiveDirective: 'img-src' }],
      ['only reports', { disposition: 'report' }],
      ['is about another origin', { blockedURI: `${endpoints}/token` }],
      ['has no URL', { blockedURI: 'https://' }],
    ] as const) {
      it(`gives an ordinary error if the violation ${description}`, async () => {
        expect(messageAndHint(await errorAfterViolation(report))).to.not.contain('connect-src');
      });
    }
  });

  describe('on http while AuthKit uses https', () => {
    const messageAt = async (tokenUrl: string) => {
      const button = await mountButton({ tokenUrl, baseUrl: 'https://authkit.invalid' });
      return (await firstError(button)).message;
    };

    // Nothing listens there, but the check has to try it.
    for (const host of [
      'localhost:1',
      'app.localhost:1',
      '127.0.0.1:1',
      '127.1.2.3:1',
      '[::1]:1',
    ]) {
      it(`is allowed on this machine: ${host}`, async () => {
        expect(await messageAt(`http://${host}/token`)).not.to.contain('mixed content');
      });
    }

    for (const host of [
      ...['localhost.example', 'notlocalhost', '127.example', 'x127.0.0.1.example', '[::1:1]'],
      'example.invalid/http://localhost',
    ]) {
      it(`is mixed content elsewhere: ${host}`, async () => {
        expect(await messageAt(`http://${host}/token`)).to.contain('mixed content');
      });
    }

    it('is allowed elsewhere if it uses https', async () => {
      expect(await messageAt('https://[::1]:1/token')).not.to.contain('mixed content');
    });
  });

  describe('gives token-endpoint-status', () => {
    for (const [status, excerpt] of [
      [401, 'who the user is'],
      [403, 'CSRF'],
      [404, 'nothing at this URL'],
      [429, 'too many requests'],
      [500, 'failed'],
      [503, 'failed'],
    ] as const) {
      it(`if it responds with ${String(status)}`, async () => {
        const error = await errorWith({ method: 'POST', status });
        expect(error.code).to.equal('token-endpoint-status');
        expect(error.message).to.contain(String(status));
        expect(error.hint).to.contain(excerpt);
      });
    }

    it('even if the body contains a token', async () => {
      const error = await errorWith({ method: 'POST', status: 500, body: token });
      expect(error.code).to.equal('token-endpoint-status');
    });

    it('with the start of the body as one line of plain text', async () => {
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

    it('without part of a header’s value, because servers echo tokens without "Bearer"', async () => {
      const error = await errorWith(
        { method: 'POST', status: 401, body: 'Token s3cr3t-value has expired' },
        { tokenHeaders: { 'x-short': 's3cr3t', authorization: 'Bearer s3cr3t-value' } },
      );
      expect(error.message).to.equal('The token endpoint answered 401: Token … has expired.');
    });

    it('without the values of headers that it echoes', async () => {
      const error = await errorWith(
        { method: 'POST', status: 403, body: 'Bearer s3cr3t-value is not valid' },
        { tokenHeaders: { authorization: 'Bearer s3cr3t-value' } },
      );
      expect(error.message).to.contain('is not valid');
      expect(messageAndHint(error)).to.not.contain('s3cr3t');
    });
  });

  describe('gives token-response-invalid', () => {
    const secondMs = 1000;
    for (const [description, body, excerpt] of [
      ['text', 'OK', 'not JSON'],
      ['a login page', '<!doctype html><title>Sign in</title>', 'web page'],
      ['an empty body', '', 'empty'],
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
        'only inactive integrations',
        { rows: [{ title: 'Gmail', active: false }] },
        'no integrations',
      ],
      ['an unrelated object', { hello: 'world' }, 'no token'],
      ['a number as the token', { token: 5, expiresAt: Date.now() + 3_600_000 }, 'no token'],
      [
        'an expired token, in milliseconds',
        { token: 't', expiresAt: Date.now() - secondMs },
        'expired',
      ],
      [
        'an expired token, in seconds',
        { token: 't', expiresAt: Math.floor(Date.now() / 1000) - 60 },
        'expired',
      ],
      ['an expired token, as a date', { token: 't', expiresAt: '2020-01-01T00:00:00Z' }, 'expired'],
    ] as const) {
      it(`if it responds with ${description}`, async () => {
        const error = await errorWith({ method: 'POST', status: 200, body });
        expect(error.code).to.equal('token-response-invalid');
        expect(error.message).to.contain(excerpt);
      });
    }

    it('if the body ends early', async () => {
      const error = await errorWith({ method: 'POST', body: JSON.stringify(token), cut: true });
      expect(error.code).to.equal('token-response-invalid');
      // WebKitGTK takes the part that arrived as the whole body.
      expect(error.message).to.contain(engine === 'webkit' ? 'not JSON' : 'breaks off');
    });

    it('if it forwards Pica’s error about a wrong secret key', async () => {
      const body = { type: 'Unauthorized', code: 2000, message: 'You are not authorized' };
      const error = await errorWith({ method: 'POST', status: 200, body });
      expect(error.code).to.equal('token-response-invalid');
      expect(error.message).to.contain('Unauthorized: 2000: You are not authorized');
      expect(error.hint).to.contain('The secret key is wrong');
    });

    it('if it forwards another error of Pica', async () => {
      const error = await errorWith({
        method: 'POST',
        status: 200,
        body: { type: 'Internal', message: 'Try later' },
      });
      expect(error.message).to.contain('Internal: Try later');
      expect(error.hint).to.not.contain('secret key');
    });
  });

  it('is requested again by the next opening, which reports the error again', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', status: 500 });
    await firstError(button);
    button.close();
    await firstError(button);
    expect(await tokenRequests(scope)).to.have.length(2);
  });

  it('is not requested again before the next click', async () => {
    const { scope, button } = await mountWithEndpoint({ method: 'POST', status: 500 });
    await firstError(button);
    button.close();
    hover(button);
    await intentDelayPassed();
    expect(await tokenRequests(scope)).to.have.length(1);
  });

  it('leaves AuthKit open, whose own message may help the user', async () => {
    const { button } = await mountWithEndpoint({ method: 'POST', status: 500 });
    const errorEvent = nextEvent('pica-error', button);
    await openAuthKit(button);
    await errorEvent;
    expect(button.status).to.equal('open');
  });

  it('is not reported once AuthKit has closed', async () => {
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
