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

/** The command as it is in the package, against servers that each have one fault. */

interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

const runAs = async (
  [program = '', ...args]: string[],
  environment: Record<string, string> = {},
): Promise<Run> => {
  const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
  // They would tell each other that one of them is ignored.
  if (!('FORCE_COLOR' in environment)) delete env.FORCE_COLOR;
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const run: Run = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (run.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (run.stderr += text));
  [run.code] = (await once(child, 'close')) as [number | null];
  return run;
};

const doctor = (...args: string[]): Promise<Run> =>
  runAs([process.execPath, 'dist/doctor.js', ...args]);

const reportOn = async (...args: string[]): Promise<Report & { code: number | null }> => {
  const { code, stdout, stderr } = await doctor(...args, '--json');
  assert.equal(stderr, '');
  return { ...(JSON.parse(stdout) as Report), code };
};

const badIn = ({ findings }: Report) => findings.filter(({ ok }) => !ok);

/** Does it with a server that answers like this. */
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

const withAnswers = (
  listener: RequestListener,
  ...args: string[]
): Promise<Report & { code: number | null }> =>
  withServer(createHttpServer(listener), (port) =>
    reportOn(`http://localhost:${port}/token`, ...args),
  );

describe('the doctor of the command line', () => {
  let endpoints: FaultyEndpoints;
  before(async () => {
    endpoints = await startFaultyEndpoints();
  });
  after(() => endpoints.close());
  const urlOf = (name: keyof typeof faults) => `${endpoints.origin}/${name}/token`;
  const user = ['--header', 'x-user-id: u5er-s3cret'];

  for (const [name, { title, code }] of Object.entries<Fault>(faults)) {
    it(`names what is wrong, in the elements' words: ${title}`, async () => {
      const report = await reportOn(`${endpoints.origin}/${name}/token`, ...user);
      const found = badIn(report);
      assert.deepEqual(
        found.map((finding) => finding.code),
        code ? [code] : [],
      );
      assert.equal(report.ok, !code);
      assert.equal(report.code, code ? 1 : 0);
      if (!code) return;
      const words = `${found[0]?.message} ${found[0]?.hint}`;
      const known = Object.values(errorPages[code].cases).map(({ message, hint }) =>
        [message, hint].map(patternOf).join(' '),
      );
      assert.ok(
        known.some((pattern) => new RegExp(`^${pattern}$`, 's').test(words)),
        words,
      );
    });
  }

  /** A text of the documentation, with anything in the place of what differs. */
  const patternOf = (text: string): string =>
    text.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.*');

  it('shows what a browser does not: the answer to OPTIONS, where a redirect goes, how long it took', async () => {
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

  it('asks as AuthKit’s page does', async () => {
    const asked: Parameters<RequestListener>[0][] = [];
    await withAnswers(
      (request, response) => {
        asked.push(request);
        response.end();
      },
      ...['--base-url', 'https://authkit.example/page', '--header', 'X-User-Id: 7'],
    );
    assert.equal(asked.length, 2);
    const [options, post] = asked;
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

  it('finds that the page with the element may not look, where AuthKit’s may', async () => {
    const onlyAuthKit: RequestListener = (request, response) => {
      response.setHeader('access-control-allow-origin', 'https://authkit.picaos.com');
      response.setHeader('access-control-allow-headers', 'content-type');
      response.end(request.method === 'POST' ? JSON.stringify(token) : '');
    };
    assert.equal((await withAnswers(onlyAuthKit)).ok, true);
    const report = await withAnswers(onlyAuthKit, '--origin', 'https://app.example');
    const [found] = badIn(report);
    assert.equal(found?.code, 'token-endpoint-cors');
    assert.match(found.message, /https:\/\/app\.example/);
    assert.match(found.hint, /token-check="off"/);
    assert.equal(report.exchanges.length, 4);
    const everybody = await reportOn(urlOf('fine'), '--origin', 'https://app.example');
    assert.equal(everybody.ok, true);
  });

  it('does not take * for authorization, as no browser does', async () => {
    const stars: RequestListener = (request, response) => {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', '*');
      response.end(request.method === 'POST' ? JSON.stringify(token) : '');
    };
    const report = await withAnswers(
      stars,
      ...['--header', 'authorization: Bearer a', '--header', 'x-team: 1'],
    );
    assert.equal(
      badIn(report)[0]?.message,
      'The token endpoint does not allow the header authorization.',
    );
  });

  it('says when errors alone come without CORS headers', async () => {
    const report = await withAnswers((request, response) => {
      response.setHeader('access-control-allow-headers', 'content-type');
      if (request.method === 'OPTIONS') response.setHeader('access-control-allow-origin', '*');
      response.writeHead(request.method === 'POST' ? 500 : 204).end();
    });
    assert.deepEqual(
      badIn(report).map(({ code, seen }) => [code, seen]),
      [
        ['token-endpoint-cors', 'That goes for POST.'],
        ['token-endpoint-status', ''],
      ],
    );
  });

  it('knows an integration by other spellings, and the nearest names of one that is none', async () => {
    const near = await reportOn(urlOf('fine'), '--selected-connection', 'google-calendar');
    assert.match(near.findings.map(({ hint }) => hint).join(), /="Google Calendar"/);
    assert.equal(near.ok, true);
    const far = await reportOn(urlOf('fine'), '--selected-connection', 'Gmale');
    assert.equal(badIn(far)[0]?.code, 'integration-not-found');
    assert.match(badIn(far)[0]?.hint ?? '', /"Gmail"/);
  });

  for (const value of ['', 'undefined', 'null', '[object Object]']) {
    it(`finds a header with the value "${value}" odd`, async () => {
      const report = await reportOn(urlOf('fine'), '--header', `x-user-id: ${value}`);
      assert.equal(badIn(report)[0]?.code, 'token-headers-invalid');
      assert.match(badIn(report)[0]?.message ?? '', /x-user-id/);
    });
  }

  it('finds mixed content', async () => {
    const report = await reportOn('http://192.0.2.1/token', '--timeout', '0.1');
    assert.match(badIn(report)[0]?.message ?? '', /mixed content/);
  });

  describe('where there is no answer', () => {
    const unreachable = async (...args: string[]): Promise<string> => {
      const report = await reportOn(...args);
      assert.equal(report.code, 1);
      const [found] = badIn(report);
      assert.equal(found?.code, 'token-endpoint-unreachable');
      return `${found.message} ${found.seen}`;
    };

    it('says that nothing listens at the port', async () => {
      const port = await withServer(createHttpServer(), (taken) => Promise.resolve(taken));
      const said = await unreachable(`http://127.0.0.1:${port}/token`);
      assert.match(said, new RegExp(`Nothing listens at 127\\.0\\.0\\.1:${port}`));
    });

    it('says that there is no such host', async () => {
      assert.match(await unreachable('https://nowhere.invalid/token'), /nowhere\.invalid/);
    });

    it('says that it takes too long', async () => {
      const slow = createHttpServer(() => {});
      const said = await withServer(slow, (port) =>
        unreachable(`http://127.0.0.1:${port}/token`, '--timeout', '0.2'),
      );
      assert.match(said, /not answered within 0\.2 seconds/);
    });

    it('says that it is at http, where https was asked', async () => {
      const said = await withServer(createHttpServer(), (port) =>
        unreachable(`https://127.0.0.1:${port}/token`),
      );
      assert.match(said, /does not speak TLS/);
    });

    it('says that it speaks no HTTP', async () => {
      const other = createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
      const said = await withServer(other, (port) => unreachable(`http://127.0.0.1:${port}/token`));
      assert.match(said, /does not speak HTTP/);
    });

    const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
    const why = hasOpenssl ? false : 'openssl, which makes the certificate, is not installed';
    it('says what its certificate has', { skip: why }, async () => {
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
        const said = await withServer(server, (port) =>
          unreachable(`https://localhost:${port}/token`),
        );
        assert.match(said, /signed by the server itself/);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });

  describe('prints', () => {
    const secret = 'Bearer s3cr3t-value';
    const spoken = { rows: [{ title: 'Gmail', secretRow: 't0k3n-secret' }], requestId: 't0k3n-id' };
    const talkative: RequestListener = (request, response) => {
      const isPost = request.method === 'POST';
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-headers', 'content-type, authorization');
      response.setHeader('set-cookie', 'session=c00kie');
      response.setHeader('x-echo', String(request.headers.authorization));
      response.setHeader('vary', String(request.headers.authorization));
      response.writeHead(isPost ? 200 : 204).end(isPost ? JSON.stringify(spoken) : '');
    };
    const secrets = /s3cr3t|t0k3n|c00kie|u5er/;

    for (const format of [[], ['--json']]) {
      it(`no value of a header, no cookie and nothing of the token ${format.join()}`, async () => {
        const run = await withServer(createHttpServer(talkative), (port) =>
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

    it('no value that an error repeats', async () => {
      const report = await withAnswers(
        (request, response) => {
          response.setHeader('access-control-allow-origin', '*');
          response.setHeader('access-control-allow-headers', 'content-type, authorization');
          response.writeHead(request.method === 'POST' ? 401 : 204);
          response.end(request.method === 'POST' ? `Not valid: ${secret}` : '');
        },
        ...['--header', `authorization: ${secret}`],
      );
      assert.match(badIn(report)[0]?.message ?? '', /401: Not valid: …/);
      assert.doesNotMatch(JSON.stringify(report), secrets);
    });

    it('no value of a header that cannot be sent', async () => {
      const run = await doctor(urlOf('fine'), '--header', 'authorization: s3cr3t\u2028x');
      assert.equal(run.code, 2);
      assert.match(run.stderr, /authorization/);
      assert.doesNotMatch(run.stderr, secrets);
    });

    it('nothing that moves a terminal’s cursor', async () => {
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

    it('colors where they are asked for, and none into a file', async () => {
      const command = [process.execPath, 'dist/doctor.js', urlOf('no-cors')];
      assert.doesNotMatch((await runAs(command)).stdout, /\u001b/);
      const forced = await runAs(command, { FORCE_COLOR: '1' });
      assert.match(forced.stdout, /\u001b\[31m✗/);
      const both = await runAs(command, { FORCE_COLOR: '1', NO_COLOR: '1' });
      assert.doesNotMatch(both.stdout, /\u001b/);
    });

    it('each finding, with what to change and where to read on', async () => {
      const { stdout, code } = await doctor(urlOf('header-not-allowed'), ...user);
      assert.equal(code, 1);
      assert.match(stdout, /OPTIONS 204 in \d+ ms as https:\/\/authkit\.picaos\.com/);
      assert.match(stdout, /✗ token-endpoint-cors {2}The token endpoint does not allow the header/);
      assert.match(stdout, /OPTIONS answered Access-Control-Allow-Headers: content-type\./);
      assert.match(stdout, /errors\/token-endpoint-cors\.md/);
      assert.match(stdout, /Failed checks: 1 of \d\.\n$/);
    });
  });

  describe('called in a wrong way', () => {
    for (const [what, args, words] of [
      ['without an address', [], 'Pass the URL'],
      ['with two', ['https://a.example', 'https://b.example'], 'one URL'],
      ['with one that is none', ['/api/token'], 'full URL'],
      ['with one that is not of the web', ['mailto:a@b.example'], 'https://'],
      ['with a password', ['https://a:b@c.example'], 'password'],
      ['with an unknown option', ['https://a.example', '--heder', 'a: b'], '--heder'],
      ['with a header without a colon', ['https://a.example', '--header', 'x'], 'colon'],
      ['with a header whose name is none', ['https://a.example', '--header', 'x y: z'], 'x y'],
      ['with an origin that is none', ['https://a.example', '--origin', 'app'], '--origin'],
      ['with a timeout that is none', ['https://a.example', '--timeout', 'soon'], '--timeout'],
    ] as const) {
      it(`${what}, says what to change and ends with 2`, async () => {
        const { code, stdout, stderr } = await doctor(...args);
        assert.equal(code, 2);
        assert.equal(stdout, '');
        assert.ok(stderr.split('\n')[0]?.includes(words), stderr);
        assert.match(stderr, /--header/);
      });
    }

    it('or for help, says how', async () => {
      const { code, stdout } = await doctor('--help');
      assert.equal(code, 0);
      assert.match(stdout, /pica-connect doctor URL/);
    });
  });

  it('is there as npm run doctor', async () => {
    const command = ['npm', 'run', '--silent', 'doctor', '--', urlOf('no-options'), ...user];
    const { code, stdout } = await runAs(command);
    assert.equal(code, 1);
    assert.match(stdout, /token-endpoint-method/);
  });
});
