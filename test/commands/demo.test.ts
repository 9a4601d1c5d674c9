import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PGlite } from '@electric-sql/pglite';
import getPort from 'get-port';
import type { Browser } from 'playwright-core';
import { DemoProcess, temporaryFolder } from '../end-to-end/demo-process.js';
import { launch } from '../end-to-end/chromium.js';
import { openDemo } from '../end-to-end/open-demo.js';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

describe('npm run demo', () => {
  let browser: Browser;
  let folder: Folder;
  let running: DemoProcess | undefined;

  before(async () => {
    folder = await temporaryFolder();
    browser = await launch();
    const { demo, address } = await current();
    const page = await openDemo(browser, address);
    await page.connect('Gmail');
    await page.close();
    await demo.end();
  });

  after(async () => {
    await running?.end();
    await browser.close();
    await folder.remove();
  });

  /** Stops the running demo and starts another one on the data folder, which has a connection in it. */
  async function start(
    environment: Record<string, string> = {},
  ): Promise<{ demo: DemoProcess; address: string }> {
    await running?.end();
    const demo = new DemoProcess({ DATA_FOLDER: folder.path, ...environment });
    running = demo;
    return { demo, address: await demo.address() };
  }

  /** Returns the running demo, or starts one. */
  async function current(): Promise<{ demo: DemoProcess; address: string }> {
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
    const page = await openDemo(browser, address);
    await page.items.getByText('Gmail').waitFor();
    await page.close();
  });

  it('keeps the user signed in across a restart', async () => {
    const { address } = await current();
    const page = await openDemo(browser, address);
    const restarted = await start();
    await page.page.goto(restarted.address);
    await page.items.getByText('Gmail').waitFor();
    await page.close();
  });

  it('exits with a message when another process uses the data folder', async () => {
    await current();
    const second = new DemoProcess({ DATA_FOLDER: folder.path });
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

  it('ends all of its processes on Ctrl+C', async () => {
    const { demo, address } = await current();
    const page = await openDemo(browser, address);
    const began = Date.now();
    await demo.end();
    assert.ok(Date.now() - began < 5000, 'it took longer than five seconds');
    await page.close();
    await assert.rejects(fetch(address));
  });

  it('ends when only npm receives SIGTERM', async () => {
    const { demo, address } = await start();
    demo.signal('SIGTERM');
    await demo.ended();
    await assert.rejects(fetch(address));
  });

  // npm would exit with the signal's code.
  const withoutNpm = 'node --import tsx demo/app/start.ts';

  it('exits with code 0 on SIGTERM', async () => {
    const demo = new DemoProcess({ DATA_FOLDER: folder.path }, withoutNpm);
    await demo.address();
    demo.signal('SIGTERM');
    assert.equal(await demo.exitCode(), 0);
  });

  it('drains on SIGTERM if DRAIN_MS is set, even if another SIGTERM follows', async () => {
    const metricsPort = await getPort({ host: '127.0.0.1' });
    const demo = new DemoProcess(
      { DATA_FOLDER: folder.path, DRAIN_MS: '3000', METRICS_PORT: String(metricsPort) },
      withoutNpm,
    );
    running = demo;
    const address = await demo.address();
    demo.signal('SIGTERM');
    await demo.waitForOutput(/Ending/);
    demo.signal('SIGTERM');
    assert.equal((await fetch(`${address}/readyz`)).status, 503);
    // The sandbox answers this request, so it has to be running still.
    const integrations = await fetch(`${address}/api/integrations`);
    assert.deepEqual([integrations.status, integrations.headers.get('connection')], [200, 'close']);
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    assert.match(metrics, /route="\/readyz",status="503"/);
    assert.equal(await demo.exitCode(), 0);
  });

  it('ends on SIGINT during the start, and can be started again', async () => {
    const demo = new DemoProcess({ DATA_FOLDER: folder.path }, withoutNpm);
    await demo.waitForOutput(/Opening the database/);
    demo.signal('SIGINT');
    assert.equal(await demo.exitCode(), 0);
    const { address } = await start();
    assert.equal((await fetch(address)).status, 200);
  });

  it("shows AuthKit's error when Pica refuses the host's secret key", async () => {
    const { address } = await start({ SANDBOX_SECRET: 'sk_test_another' });
    const page = await openDemo(browser, address);
    await page.button('Connect Gmail').click();
    await page.waitForText('The integrations could not be loaded');
    await page.closeWith('Close');
    await page.items.getByText('Gmail').waitFor();
    await page.close();
  });

  it('uses the real Pica when it has a key, and never prints the key', async () => {
    const secret = 'sk_test_end_to_end_7c1f';
    const { demo, address } = await start({ PICA_SECRET_KEY: secret });
    const config = await (await fetch(`${address}/api/config`)).text();
    assert.match(config, /"sandbox":false/);
    for (const text of [config, demo.output]) assert.ok(!text.includes(secret));
  });
});
