import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { faults, token, type Fault } from '../../demo/app/start/faults.js';
import {
  startFaultyEndpoints,
  type FaultyEndpoints,
} from '../../demo/app/start/faulty-endpoints.js';
import type { Report } from '../../src/commands/doctor/report.js';
import { errorPages } from '../../demo/docs/error-pages.js';

/* Runs the command as it is in the package, against servers that have one fault each. */

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

const runCommand = async (
  [program = '', ...args]: string[],
  environment: Record<string, string> = {},
): Promise<Run> => {
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  // Node warns on standard error if FORCE_COLOR and NO_COLOR are both set.
  if (!('FORCE_COLOR' in environment)) delete env.FORCE_COLOR;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const run: Run = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text));
  [run.code] = (await once(child, 'close')) as [number | null];
  return run;
};

const doctor = (...args: string[]): Promise<Run> =>
  runCommand([process.execPath, 'dist/doctor.js', ...args]);

const reportOn = async (...args: string[]): Promise<Report & { code: number | null }> => {
  const { code, stdout, stderr } = await doctor(...args, '--json');
  assert.equal(stderr, '');
  return { ...(JSON.parse(stdout) as Report), code };
};

const failedChecks = ({ findings }: Report) => findings.filter(({ ok }) => !ok);

/** Starts a server for the time of a function, which gets its port. */
const withServer = async <Result>(
  server: Server | ReturnType<typeof createTcpServer>,
  run: (port: number) => Promise<Result>,
): Promise<Result> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await run((server.address() as AddressInfo).port);
  } finally {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  }
};

const reportOnServer = (
  listener: RequestListener,
  ...args: string[]
): Promise<Report & { code: number | null }> =>
  withServer(createHttpServer(listener), (port) =>
    reportOn(`http://localhost:${port}/token`, ...args),
  );

describe('npx pica-connect doctor', () => {
  let endpoints: FaultyEndpoints;
  before(async () => {
    endpoints = await startFaultyEndpoints();
  });
  after(() => endpoints.close());
  const urlOf = (name: keyof typeof faults) => `${endpoints.origin}/${name}/token`;
  const user = ['--header', 'x-user-id: u5er-s3cret'];

  for (const [name, { title, code }] of Object.entries<Fault>(faults)) {
    it(`reports the elements' error and hint for this fault: ${title}`, async () => {
      const report = await reportOn(`${endpoints.origin}/${name}/token`, ...user);
      const failed = failedChecks(report);
      assert.deepEqual(
        failed.map((finding) => finding.code),
        code ? [code] : [],
      );
      assert.equal(report.ok, !code);
      assert.equal(report.code, code ? 1 : 0);
      if (!code) return;
      const text = `${failed[0]?.message} ${failed[0]?.hint}`;
      const documented = Object.values(errorPages[code].cases).map(({ message, hint }) =>
        [message, hint].map(patternOf).join(' '),
      );
      assert.ok(
        documented.some((pattern) => new RegExp(`^${pattern}$`, 's').test(text)),
        text,
      );
    });
  }

  /** A pattern for a text of the documentation, in which `{name}` stands for any value. */
  const patternOf = (text: string): string =>
    text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.*');

  it('shows the response to OPTIONS, the target of a redirect and durations, which browsers hide', async () => {
    const { exchanges, findings } = await reportOn(urlOf('redirect'), ...user);
    assert.deepEqual(
      exchanges.map(({ method, status }) => [method, status]),
      [
        ['OPTIONS', 204],
        ['POST', 302],
      ],
    );
    const [options, post] = exchanges;
    assert.equal(options?.headers['access-control-allow-headers'], 'content-type,x-user-id');
    assert.equal(post?.headers.location, '/login?…');
    assert.ok(Number.isInteger(post.milliseconds));
    assert.match(post.server ?? '', /^127\.0\.0\.1, port \d+$/);
    assert.match(findings.map(({ seen }) => seen).join(), /POST answered 302, to \/login/);
  });

  it('sends the same requests as AuthKit’s page', async () => {
    const requests: Parameters<RequestListener>[0][] = [];
    await reportOnServer(
      (request, response) => {
        requests.push(request);
        response.end();
      },
      ...['--base-url', 'https://authkit.example/page', '--header', 'X-User-Id: 7'],
    );
    assert.equal(requests.length, 2);
    const [options, post] = requests;
    assert.equal(options?.method, 'OPTIONS');
    assert.equal(options.headers['access-control-request-method'], 'POST');
    assert.equal(options.headers['access-control-request-headers'], 'content-type,x-user-id');
    assert.equal(options.headers.origin, 'https://authkit.example');
    assert.equal(options.headers['x-user-id'], undefined);
    assert.equal(post?.method, 'POST');
    assert.equal(post.headers['x-user-id'], '7');
    assert.equal(post.headers['content-type'], 'application/json');
    assert.equal(post.headers.cookie, undefined);
  });

  it('reports an endpoint that AuthKit’s page may use, but not the page with the element', async () => {
    const onlyAuthKit: RequestListener = (request, response) => {
      response.setHeader('access-control-allow-origin', 'https://authkit.picaos.com');
      response.setHeader('access-control-allow-headers', 'content-type');
      response.end(request.method === 'POST' ? JSON.stringify(token) : '');
    };
    assert.equal((await reportOnServer(onlyAuthKit)).ok, true);
    const report = await reportOnServer(onlyAuthKit, '--origin', 'https://app.example');
    const [failed] = failedChecks(report);
    assert.equal(failed?.code, 'token-endpoint-cors');
    assert.match(failed.message, /https:\/\/app\.example/);
    assert.match(failed.hint, /token-check="off"/);
    assert.equal(report.exchanges.length, 4);
    const open = await reportOn(urlOf('fine'), '--origin', 'https://app.example');
    assert.equal(open.ok, true);
  });

  it('knows that * does not allow the header authorization', async () => {
    const wildcards: RequestListener = (request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', '*');
      response.end(request.method === 'POST' ? JSON.stringify(token) : '');
    };
    const report = await reportOnServer(
      wildcards,
      ...['--header', 'authorization: Bearer a', '--header', 'x-team: 1'],
    );
    assert.equal(
      failedChecks(report)[0]?.message,
      'The token endpoint does not allow the header authorization.',
    );
  });

  it('reports that only error responses lack CORS headers', async () => {
    const report = await reportOnServer((request, response) => {
      response.setHeader('access-control-allow-headers', 'content-type');
      if (request.method === 'OPTIONS') response.setHeader('access-control-allow-origin', '*');
      response.writeHead(request.method === 'POST' ? 500 : 204).end();
    });
    assert.deepEqual(
      failedChecks(report).map(({ code, seen }) => [code, seen]),
      [
        ['token-endpoint-cors', 'That goes for POST.'],
        ['token-endpoint-status', ''],
      ],
    );
  });

  it('suggests the name of a misspelled integration', async () => {
    const near = await reportOn(urlOf('fine'), '--selected-connection', 'google-calendar');
    assert.match(near.findings.map(({ hint }) => hint).join(), /="Google Calendar"/);
    assert.equal(near.ok, true);
    const far = await reportOn(urlOf('fine'), '--selected-connection', 'Gmale');
    assert.equal(failedChecks(far)[0]?.code, 'integration-not-found');
    assert.match(failedChecks(far)[0]?.hint ?? '', /"Gmail"/);
  });

  for (const value of ['', 'undefined', 'null', '[object Object]']) {
    it(`reports a header with the suspicious value "${value}"`, async () => {
      const report = await reportOn(urlOf('fine'), '--header', `x-user-id: ${value}`);
      assert.equal(failedChecks(report)[0]?.code, 'token-headers-invalid');
      assert.match(failedChecks(report)[0]?.message ?? '', /x-user-id/);
    });
  }

  it('reports mixed content', async () => {
    const report = await reportOn('http://192.0.2.1/token', '--timeout', '0.1');
    assert.match(failedChecks(report)[0]?.message ?? '', /mixed content/);
  });

  describe('without a response', () => {
    const unreachable = async (...args: string[]): Promise<string> => {
      const report = await reportOn(...args);
      assert.equal(report.code, 1);
      const [failed] = failedChecks(report);
      assert.equal(failed?.code, 'token-endpoint-unreachable');
      return `${failed.message} ${failed.seen}`;
    };

    it('says that nothing listens on the port', async () => {
      const port = await withServer(createHttpServer(), (freePort) => Promise.resolve(freePort));
      const text = await unreachable(`http://127.0.0.1:${port}/token`);
      assert.match(text, new RegExp(`Nothing listens at 127\\.0\\.0\\.1:${port}`));
    });

    it('says that the host does not exist', async () => {
      assert.match(await unreachable('https://nowhere.invalid/token'), /nowhere\.invalid/);
    });

    it('says that the server is too slow', async () => {
      const slow = createHttpServer(() => {});
      const text = await withServer(slow, (port) =>
        unreachable(`http://127.0.0.1:${port}/token`, '--timeout', '0.2'),
      );
      assert.match(text, /not answered within 0\.2 seconds/);
    });

    it('says that the server of an https: URL speaks no TLS', async () => {
      const text = await withServer(createHttpServer(), (port) =>
        unreachable(`https://127.0.0.1:${port}/token`),
      );
      assert.match(text, /does not speak TLS/);
    });

    it('says that the server speaks no HTTP', async () => {
      const other = createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
      const text = await withServer(other, (port) => unreachable(`http://127.0.0.1:${port}/token`));
      assert.match(text, /does not speak HTTP/);
    });

    const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
    const skip = hasOpenssl ? false : 'openssl, which creates the certificate, is not installed';
    it('says why the certificate is invalid', { skip }, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'pica-connect-certificate-'));
      try {
        const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
        spawnSync('openssl', [
          ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost'],
          ...['-keyout', keyFile, '-out', certFile],
        ]);
        const server = createHttpsServer({
          key: await readFile(keyFile),
          cert: await readFile(certFile),
        });
        const text = await withServer(server, (port) =>
          unreachable(`https://localhost:${port}/token`),
        );
        assert.match(text, /signed by the server itself/);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });

  describe('prints', () => {
    const secret = 'Bearer s3cr3t-value';
    const tokenResponse = {
      rows: [{ title: 'Gmail', secretRow: 't0k3n-secret' }],
      requestId: 't0k3n-id',
    };
    const leakyServer: RequestListener = (request, response) => {
      const isPost = request.method === 'POST';
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'content-type, authorization');
      response.setHeader('set-cookie', 'session=c00kie');
      response.setHeader('x-echo', String(request.headers.authorization));
      response.setHeader('vary', String(request.headers.authorization));
      response.writeHead(isPost ? 200 : 204).end(isPost ? JSON.stringify(tokenResponse) : '');
    };
    const secrets = /s3cr3t|t0k3n|c00kie|u5er/;

    for (const format of [[], ['--json']]) {
      it(`no header values, cookies or contents of the token with ${format.join() || 'no option'}`, async () => {
        const run = await withServer(createHttpServer(leakyServer), (port) =>
          doctor(
            `http://localhost:${port}/token?key=u5er`,
            ...['--header', `authorization: ${secret}`, ...format],
          ),
        );
        assert.equal(run.code, 0);
        assert.match(run.stdout, /rows \(list of 1\)/);
        assert.doesNotMatch(run.stdout + run.stderr, secrets);
      });
    }

    it('no header value that an error response repeats', async () => {
      const report = await reportOnServer(
        (request, response) => {
          response.setHeader('access-control-allow-origin', '*');
          response.setHeader('access-control-allow-headers', 'content-type, authorization');
          response.writeHead(request.method === 'POST' ? 401 : 204);
          response.end(request.method === 'POST' ? `Not valid: ${secret}` : '');
        },
        ...['--header', `authorization: ${secret}`],
      );
      assert.match(failedChecks(report)[0]?.message ?? '', /401: Not valid: …/);
      assert.doesNotMatch(JSON.stringify(report), secrets);
    });

    it('no value of a header that can’t be sent', async () => {
      const run = await doctor(urlOf('fine'), '--header', 'authorization: s3cr3t\u2028x');
      assert.equal(run.code, 2);
      assert.match(run.stderr, /authorization/);
      assert.doesNotMatch(run.stderr, secrets);
    });

    it('no control characters of a response', async () => {
      const report = await withServer(
        createHttpServer((request, response) => {
          response.setHeader('access-control-allow-origin', '*');
          response.setHeader('access-control-allow-headers', 'content-type');
          response.writeHead(request.method === 'POST' ? 500 : 204);
          response.end(request.method === 'POST' ? 'Oh\u001b[2J no' : '');
        }),
        (port) => doctor(`http://localhost:${port}/token`),
      );
      assert.match(report.stdout, /500: Oh no/);
      assert.doesNotMatch(report.stdout, /\u001b/);
    });

    it('colors only if they are requested or standard output is a terminal', async () => {
      const command = [process.execPath, 'dist/doctor.js', urlOf('no-cors')];
      assert.doesNotMatch((await runCommand(command)).stdout, /\u001b/);
      const forced = await runCommand(command, { FORCE_COLOR: '1' });
      assert.match(forced.stdout, /\u001b\[31m✗/);
      const both = await runCommand(command, { FORCE_COLOR: '1', NO_COLOR: '1' });
      assert.doesNotMatch(both.stdout, /\u001b/);
    });

    it('each finding with its hint and its page in the docs', async () => {
      const { stdout, code } = await doctor(urlOf('header-not-allowed'), ...user);
      assert.equal(code, 1);
      assert.match(stdout, /OPTIONS 204 in \d+ ms as https:\/\/authkit\.picaos\.com/);
      assert.match(stdout, /✗ token-endpoint-cors {2}The token endpoint does not allow the header/);
      assert.match(stdout, /OPTIONS answered Access-Control-Allow-Headers: content-type\./);
      assert.match(stdout, /errors\/token-endpoint-cors\.md/);
      assert.match(stdout, /Failed checks: 1 of \d\.\n$/);
    });
  });

  describe('exits with 2 and says what to change', () => {
    for (const [mistake, args, text] of [
      ['without a URL', [], 'Pass the URL'],
      ['with two URLs', ['https://a.example', 'https://b.example'], 'one URL'],
      ['with a relative URL', ['/api/token'], 'full URL'],
      ['with a URL of another scheme', ['mailto:a@b.example'], 'https://'],
      ['with a password in the URL', ['https://a:b@c.example'], 'password'],
      ['with an unknown option', ['https://a.example', '--heder', 'a: b'], '--heder'],
      ['with a header without a colon', ['https://a.example', '--header', 'x'], 'colon'],
      ['with an invalid header name', ['https://a.example', '--header', 'x y: z'], 'x y'],
      ['with an invalid origin', ['https://a.example', '--origin', 'app'], '--origin'],
      ['with an invalid timeout', ['https://a.example', '--timeout', 'soon'], '--timeout'],
    ] as const) {
      it(mistake, async () => {
        const { code, stdout, stderr } = await doctor(...args);
        assert.equal(code, 2);
        assert.equal(stdout, '');
        assert.ok(stderr.split('\n')[0]?.includes(text), stderr);
        assert.match(stderr, /--header/);
      });
    }
  });

  it('prints its usage with --help', async () => {
    const { code, stdout } = await doctor('--help');
    assert.equal(code, 0);
    assert.match(stdout, /pica-connect doctor URL/);
  });

  it('is also started by npm run doctor', async () => {
    const command = ['npm', 'run', '--silent', 'doctor', '--', urlOf('no-options'), ...user];
    const { code, stdout } = await runCommand(command);
    assert.equal(code, 1);
    assert.match(stdout, /token-endpoint-method/);
  });
});
