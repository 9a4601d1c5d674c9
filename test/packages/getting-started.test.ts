import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import type { Browser } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { launch } from '../end-to-end/chromium.js';
import { testRequests } from './backend-attacks.js';
import { testFaults } from './backend-faults.js';
import { BackendUnderTest, confirmed, connectionsPath, tokenPath } from './backend-under-test.js';
import { keyOf } from './pica-stand-in.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The page's code blocks. */
const blocks = [
  ...(await readFile(join(root, 'demo/docs/getting-started.md'), 'utf8')).matchAll(
    /^```(\w+)\n(.*?)\n```$/gms,
  ),
].map(([, language = '', code = '']) => ({ language, code }));

const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);

/** The file that a block shows. The block's first line has its name. */
const fileOf = (code: string) =>
  /^(?:\/\/|<!--) ([\w./-]+\.(?:mjs|html))(?: -->)?$/m.exec(code)?.[1];

/** The sandbox's address on the page. These tests replace it by the actual one. */
const sandboxOnPage = 'http://127.0.0.1:4001';

describe('the app of the page for getting started', () => {
  let sandbox: Sandbox;
  let browser: Browser;
  let parent: string;
  let folder: string;
  let server: ChildProcess | undefined;

  before(async () => {
    sandbox = await startSandbox();
    browser = await launch();
    parent = await mkdtemp(join(tmpdir(), 'pica-connect-getting-started-'));
    folder = join(parent, 'my-app');
  });
  after(async () => {
    if (server?.pid !== undefined && server.exitCode === null) {
      const ended = once(server, 'close');
      process.kill(-server.pid, 'SIGTERM');
      await ended;
    }
    await browser.close();
    await sandbox.close();
    await rm(parent, { recursive: true, force: true, maxRetries: 5 });
  });

  const shell = (command: string, cwd: string, environment: Record<string, string> = {}) =>
    spawn('sh', ['-ec', command], {
      cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '', ...environment },
    });

  it('installs its dependencies', async () => {
    await once(
      shell(`npm pack --silent --ignore-scripts --pack-destination ${parent}`, root),
      'close',
    );
    const packed = (await readdir(parent)).find((name) => name.endsWith('.tgz')) ?? '';
    const install = commands.find((command) => command.includes('npm install pica-connect')) ?? '';
    // The package isn't published yet, so the packed file is installed.
    const command = install.replace(' pica-connect ', ` ${join(parent, packed)} `);
    assert.notEqual(command, install);
    const child = shell(command, parent, { CI: 'true' });
    child.stdout.resume();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0);
  });

  it('consists of four files', async () => {
    const files = blocks.flatMap(({ code }) => {
      const file = fileOf(code);
      return file === undefined ? [] : [{ file, code }];
    });
    assert.deepEqual(
      files.map(({ file }) => file),
      ['server.mjs', 'pica.mjs', 'connections.mjs', 'public/index.html'],
    );
    // The backends for Node share these two files.
    for (const { file, code } of files.slice(1, 3)) {
      const shared = await readFile(join(root, 'demo/examples/backends', file), 'utf8');
      assert.equal(code, `// ${file}\n${shared.trim()}`);
    }
    // Without a Pica account, both elements need one more attribute, as the page says.
    const attribute = blocks.find(({ code }) => code.startsWith('base-url='))?.code ?? '';
    assert.match(attribute, /^base-url="\S+"$/);
    for (const { file, code } of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      const text = code.replace(/^( *)token-url=/gm, `$1${attribute}\n$1token-url=`);
      await writeFile(join(folder, file), text.replaceAll(sandboxOnPage, sandbox.origin));
    }
  });

  it('starts without a Pica account, connects an account and stores it', async () => {
    const start = commands.find((command) => command.includes(sandboxOnPage)) ?? '';
    assert.match(start, /node server\.mjs$/);
    server = shell(start.replaceAll(sandboxOnPage, sandbox.origin), folder, {
      PORT: String(await getPort()),
    });
    const printed = once(server.stdout?.setEncoding('utf8') ?? server, 'data');
    const closed = once(server, 'close').then(() => assert.fail('The server has stopped.'));
    const [address] = (await Promise.race([printed, closed])) as [string];

    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(address.trim());
    await page.getByRole('button', { name: 'Connect Gmail' }).click();
    const authkit = page.frameLocator('#event-link');
    const [popup] = await Promise.all([
      page.waitForEvent('popup'),
      authkit.getByRole('button', { name: 'Continue to Gmail' }).click(),
    ]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await authkit.getByRole('button', { name: 'Done', exact: true }).click();
    await page.locator('pica-connections-list [part="name"]', { hasText: /gmail/i }).waitFor();

    const rows = JSON.parse(await readFile(join(folder, 'connections.json'), 'utf8')) as {
      user: string;
      platform: string;
      connection_key: string;
      confirmed: boolean;
    }[];
    assert.deepEqual(
      rows.map(({ user, platform, confirmed }) => ({ user, platform, confirmed })),
      [{ user: 'user-1', platform: 'gmail', confirmed: true }],
    );
    assert.match(rows[0]?.connection_key ?? '', /^test::gmail::/);
  });

  it('disconnects the account', async () => {
    const [page] = browser.contexts()[0]?.pages() ?? [];
    assert.ok(page);
    const row = page.locator('pica-connections-list').getByRole('listitem').first();
    await row.getByRole('button', { name: /^Disconnect/ }).click();
    await row
      .getByRole('button', { name: /^Disconnect/ })
      .last()
      .click();
    await row.waitFor({ state: 'detached' });
    assert.deepEqual(JSON.parse(await readFile(join(folder, 'connections.json'), 'utf8')), []);
  });

  describe('with a sign-in', () => {
    let backend: BackendUnderTest;

    before(async () => {
      const file = join(folder, 'server.mjs');
      const code = await readFile(file, 'utf8');
      const signIn = `const userOf = (context) => context.req.header('x-signed-in');`;
      const changed = code.replace("const userOf = () => 'user-1';", signIn);
      assert.notEqual(changed, code);
      await writeFile(file, changed);
      backend = await BackendUnderTest.in(folder, (user) => ({ 'x-signed-in': user }));
      await backend.start();
    });
    after(() => backend.remove());

    const post = (headers: Record<string, string>, user: string) =>
      backend.request(connectionsPath, {
        method: 'POST',
        user,
        headers,
        body: backend.connect(user),
      });

    const crossSiteHeaders: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ];
    for (const headers of crossSiteHeaders) {
      it(`rejects requests from another site: ${JSON.stringify(headers)}`, async () => {
        assert.equal((await post({}, 'helen')).status < 300, true);
        assert.equal((await post(headers, 'helen')).status, 403);
        const helensConnection = `${connectionsPath}/${encodeURIComponent(keyOf('helen'))}`;
        const deleting = { method: 'DELETE', user: 'helen', headers };
        assert.equal((await backend.request(helensConnection, deleting)).status, 403);
        assert.equal((await backend.rowsOf('helen')).length, 1);
      });
    }

    it('accepts a connection from its own page', async () => {
      const { origin } = backend;
      assert.equal((await post({ 'sec-fetch-site': 'same-origin', origin }, 'ian')).status, 201);
      assert.equal((await post({ origin }, 'ian')).status, 200);
    });

    it('rejects requests from its own host with another scheme or port', async () => {
      const { host, hostname } = new URL(backend.origin);
      const origins = [`https://${host}`, `http://${hostname}`, `http://evil.${host}`];
      for (const origin of origins) {
        assert.equal((await post({ origin }, 'ian')).status, 403, origin);
      }
    });

    // DNS rebinding lets another site's name resolve to this server.
    it('rejects requests for other host names', async () => {
      const { port } = new URL(backend.origin);
      const statusFor = async (host: string, path: string, method: string) => {
        const headers = { host, 'content-type': 'application/json', 'x-signed-in': 'ian' };
        const sent = request(backend.origin + path, { method, headers });
        sent.end(method === 'POST' ? '{}' : undefined);
        const [response] = (await once(sent, 'response')) as [IncomingMessage];
        response.resume();
        return response.statusCode;
      };
      for (const host of [
        `rebound.example:${port}`,
        'rebound.example',
        'localhost',
        `localhost.:${port}`,
      ]) {
        assert.equal(await statusFor(host, connectionsPath, 'GET'), 403, host);
        assert.equal(await statusFor(host, connectionsPath, 'POST'), 403, host);
        assert.equal(await statusFor(host, `${connectionsPath}/a`, 'DELETE'), 403, host);
        assert.equal(await statusFor(host, tokenPath, 'POST'), 403, host);
      }
      assert.equal(await statusFor(`localhost:${port}`, connectionsPath, 'GET'), 200);
      await backend.start({ ORIGIN: 'https://app.example' });
      assert.equal(await statusFor('app.example', connectionsPath, 'GET'), 200);
      assert.equal(await statusFor(`localhost:${port}`, connectionsPath, 'GET'), 403);
      await backend.start();
    });

    describe('under malicious requests', () => {
      testRequests(() => backend);
    });

    testFaults(() => backend);

    it('hides a user’s connections from a team with the same id', async () => {
      const key = `${keyOf('jo')}-shared`;
      assert.equal((await backend.store('jo', backend.connect('jo', key))).status, 201);
      const file = join(folder, 'pica.mjs');
      const code = await readFile(file, 'utf8');
      const changed = code.replace("identityType = 'user'", "identityType = 'team'");
      assert.notEqual(changed, code);
      await writeFile(file, changed);
      await backend.start();
      assert.deepEqual(await backend.rowsOf('jo'), []);
      assert.equal((await backend.delete('jo', key)).status, 404);
      // A row of the vault without a type is a user's.
      backend.pica.identitiesWithoutType.add('jo');
      await backend.claimWithoutOwnership('jo', key);
      backend.pica.identitiesWithoutType.delete('jo');
      assert.equal((await backend.delete('jo', key)).status, 204);
      await writeFile(file, code);
      await backend.start();
      assert.deepEqual(await backend.rowsOf('jo'), [confirmed(key)]);
    });

    it('never prints or sends a secret', () => {
      backend.assertNoSecretLeaked();
    });
  });
});
