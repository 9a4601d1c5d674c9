import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import getPort from 'get-port';
import type { Browser } from 'playwright-core';
import { Demo, temporaryFolder } from '../end-to-end/demo.js';
import { launch, visit } from '../end-to-end/visit.js';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

describe('npm run demo', () => {
  let browser: Browser;
  let folder: Folder;
  let running: Demo | undefined;

  before(async () => {
    folder = await temporaryFolder();
    browser = await launch();
    const { demo, address } = await current();
    const lumen = await visit(browser, address);
    await lumen.connect('Gmail');
    await lumen.leave();
    await demo.end();
  });

  after(async () => {
    await running?.end();
    await browser.close();
    await folder.remove();
  });

  /** Starts it on the folder that has a connection in it, in place of the one before. */
  async function start(
    environment: Record<string, string> = {},
  ): Promise<{ demo: Demo; address: string }> {
    await running?.end();
    const demo = new Demo({ DATA_FOLDER: folder.path, ...environment });
    running = demo;
    return { demo, address: await demo.address() };
  }

  /** The one that runs, for tests that need no other. */
  async function current(): Promise<{ demo: Demo; address: string }> {
    return running?.isRunning ? { demo: running, address: await running.address() } : start();
  }

  it('keeps the connections in its data folder', async () => {
    await running?.end();
    const database = await PGlite.create(join(folder.path, 'postgres'));
    const { rows } = await database.query('select user_id, platform from user_connections');
    await database.close();
    assert.deepEqual(rows, [{ user_id: 'ada', platform: 'gmail' }]);
  });

  it('shows the connections again after a restart', async () => {
    const { address } = await start();
    const lumen = await visit(browser, address);
    await lumen.items.getByText('Gmail').waitFor();
    await lumen.leave();
  });

  it('keeps the user signed in over a restart', async () => {
    const { address } = await current();
    const lumen = await visit(browser, address);
    const restarted = await start();
    await lumen.page.goto(restarted.address);
    await lumen.items.getByText('Gmail').waitFor();
    await lumen.leave();
  });

  it('says so and ends when another one has the data folder', async () => {
    await current();
    const second = new Demo({ DATA_FOLDER: folder.path });
    assert.equal(await second.exitCode(), 1);
    assert.match(second.output, /is in use by another process.+set DATA_FOLDER/);
    assert.doesNotMatch(second.output, /^ +at /m);
  });

  it('takes another port when the wanted one is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const { demo, address } = await start({ PORT: String(port) });
      assert.notEqual(new URL(address).port, String(port));
      assert.match(demo.output, new RegExp(`as ${port} is in use`));
      assert.equal((await fetch(address)).status, 200);
    } finally {
      other.close();
    }
  });

  it('prints one address', async () => {
    const { demo } = await current();
    assert.equal(demo.output.match(/https?:/g)?.length, 1);
  });

  it('ends at Ctrl+C, with all that it started', async () => {
    const { demo, address } = await current();
    const lumen = await visit(browser, address);
    const began = Date.now();
    await demo.end();
    assert.ok(Date.now() - began < 5000, 'it took longer than five seconds');
    await lumen.leave();
    await assert.rejects(fetch(address));
  });

  it('ends at a SIGTERM that only npm is sent', async () => {
    const { demo, address } = await start();
    demo.signal('SIGTERM');
    await demo.ended();
    await assert.rejects(fetch(address));
  });

  // Without npm, whose exit code is the signal's.
  const withoutNpm = 'node --import tsx demo/app/start.ts';

  it('ends at SIGTERM with exit code 0', async () => {
    const demo = new Demo({ DATA_FOLDER: folder.path }, withoutNpm);
    await demo.address();
    demo.signal('SIGTERM');
    assert.equal(await demo.exitCode(), 0);
  });

  it('drains at SIGTERM where it is told to, whatever comes after it', async () => {
    const metricsPort = await getPort({ host: '127.0.0.1' });
    const demo = new Demo(
      { DATA_FOLDER: folder.path, DRAIN_MS: '3000', METRICS_PORT: String(metricsPort) },
      withoutNpm,
    );
    running = demo;
    const address = await demo.address();
    demo.signal('SIGTERM');
    await demo.prints(/Ending/);
    demo.signal('SIGTERM');
    assert.equal((await fetch(`${address}/readyz`)).status, 503);
    // Its answer comes from the sandbox.
    const integrations = await fetch(`${address}/api/integrations`);
    assert.deepEqual([integrations.status, integrations.headers.get('connection')], [200, 'close']);
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    assert.match(metrics, /route="\/readyz",status="503"/);
    assert.equal(await demo.exitCode(), 0);
  });

  it('ends at SIGINT while it starts, and can be started again', async () => {
    const demo = new Demo({ DATA_FOLDER: folder.path }, withoutNpm);
    await demo.prints(/Opening the database/);
    demo.signal('SIGINT');
    assert.equal(await demo.exitCode(), 0);
    const { address } = await start();
    assert.equal((await fetch(address)).status, 200);
  });

  it("lets AuthKit say so when Pica refuses the host's secret key", async () => {
    const { address } = await start({ SANDBOX_SECRET: 'sk_test_another' });
    const lumen = await visit(browser, address);
    await lumen.button('Connect Gmail').click();
    await lumen.shows('The integrations could not be loaded');
    await lumen.leaveBy('Close');
    await lumen.items.getByText('Gmail').waitFor();
    await lumen.leave();
  });

  it('uses the real Pica with a key, and prints nothing of it', async () => {
    const secret = 'sk_test_end_to_end_7c1f';
    const { demo, address } = await start({ PICA_SECRET_KEY: secret });
    const config = await (await fetch(`${address}/api/config`)).text();
    assert.match(config, /"sandbox":false/);
    for (const text of [config, demo.output]) assert.ok(!text.includes(secret));
  });
});
