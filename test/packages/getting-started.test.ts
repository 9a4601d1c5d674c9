import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import type { Browser } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { launch } from '../end-to-end/visit.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The code on the page: its language, and its text. */
const blocks = [
  ...(await readFile(join(root, 'demo/docs/getting-started.md'), 'utf8')).matchAll(
    /^```(\w+)\n(.*?)\n```$/gms,
  ),
].map(([, language = '', code = '']) => ({ language, code }));

const commands = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code);

/** The file that a block is, by its first line. */
const fileOf = (code: string) =>
  /^(?:\/\/|<!--) ([\w./-]+\.(?:mjs|html))(?: -->)?$/m.exec(code)?.[1];

/** The page's address of the sandbox, which is another one here. */
const sandboxOnPage = 'http://127.0.0.1:4001';

describe('getting started, as its page says', () => {
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

  it('installs', async () => {
    await once(
      shell(`npm pack --silent --ignore-scripts --pack-destination ${parent}`, root),
      'close',
    );
    const packed = (await readdir(parent)).find((name) => name.endsWith('.tgz')) ?? '';
    const install = commands.find((command) => command.includes('npm install pica-connect')) ?? '';
    // Not published yet: the package as npm packs it.
    const command = install.replace(' pica-connect ', ` ${join(parent, packed)} `);
    assert.notEqual(command, install);
    const child = shell(command, parent, { CI: 'true' });
    child.stdout.resume();
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0);
  });

  it('has two files', async () => {
    const files = blocks.flatMap(({ code }) => {
      const file = fileOf(code);
      return file === undefined ? [] : [{ file, code }];
    });
    assert.deepEqual(
      files.map(({ file }) => file),
      ['server.mjs', 'public/index.html'],
    );
    // One more attribute for both elements, as the page says for those who have no account.
    const attribute = blocks.find(({ code }) => code.startsWith('base-url='))?.code ?? '';
    assert.match(attribute, /^base-url="\S+"$/);
    for (const { file, code } of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      const text = code.replace(/^( *)token-url=/gm, `$1${attribute}\n$1token-url=`);
      await writeFile(join(folder, file), text.replaceAll(sandboxOnPage, sandbox.origin));
    }
  });

  it('starts without a Pica account, connects, and has stored it', async () => {
    const start = commands.find((command) => command.includes(sandboxOnPage)) ?? '';
    assert.match(start, /node server\.mjs$/);
    server = shell(start.replaceAll(sandboxOnPage, sandbox.origin), folder, {
      PORT: String(await getPort()),
    });
    const [printed] = (await once(server.stdout?.setEncoding('utf8') ?? server, 'data')) as [
      string,
    ];

    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(printed.trim());
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
    }[];
    assert.deepEqual(
      rows.map(({ user, platform }) => ({ user, platform })),
      [{ user: 'user-1', platform: 'gmail' }],
    );
    assert.match(rows[0]?.connection_key ?? '', /^test::gmail::/);
  });

  it('disconnects again', async () => {
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
});
