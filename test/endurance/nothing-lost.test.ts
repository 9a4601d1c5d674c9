import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ask, startTestBackend } from '../backend/test-backend.js';
import { startBackendProcess, type BackendProcess } from '../backend/backend-process.js';
import { credentialSecret, headersOf } from '../backend/credentials.js';
import { secret, startPica, type PicaStandIn } from '../backend/pica-stand-in.js';
import type { Backend } from '../../demo/app/backend/server.js';
import { startTestServers, type TestServers } from '../fixtures/servers/start.js';
import { temporaryFolder } from '../end-to-end/demo-process.js';
import { startFaultyEndpoint, type FaultyEndpoint } from './faulty-endpoint.js';
import { HostSite } from '../host-pages/host-site.js';
import { launch } from '../end-to-end/chromium.js';

/** A button that stores Ada's connections. */
const button = (authkit: string, connectionsUrl: string) =>
  `<pica-connect-button token-url="/token" base-url="${authkit}/authkit/puppet" identity="ada"
    connections-url="${connectionsUrl}" request-headers='${JSON.stringify(headersOf('ada'))}'></pica-connect-button>`;

/** Opens AuthKit. */
async function openAuthKit(page: Page): Promise<void> {
  await page.evaluate(() => void document.querySelector('pica-connect-button')?.open());
  await page.locator('pica-connect-button:is([status="open"], [status="saving"])').waitFor();
  // During a save the status does not show whether AuthKit has loaded, so wait for its page.
  await page.frameLocator('#event-link').locator('#text').waitFor();
}

/** Makes AuthKit report connections, and waits for a success event for each. */
async function connect(page: Page, keys: string[]): Promise<void> {
  await page.evaluate(async (all) => {
    const frame = document.querySelector<HTMLIFrameElement>('#event-link');
    let successes = 0;
    await new Promise<void>((resolve) => {
      document.addEventListener('pica-success', () => {
        successes += 1;
        if (successes === all.length) resolve();
      });
      for (const key of all) {
        const message = { key, platform: 'gmail', environment: 'test' };
        const command = { puppet: 'post', message: { messageType: 'LINK_SUCCESS', message } };
        frame?.contentWindow?.postMessage(command, '*');
      }
    });
  }, keys);
}

/** Waits until the outbox is empty. */
const waitUntilStored = (page: Page) =>
  page.waitForFunction(() => localStorage.length === 0, undefined, { timeout: 60_000 });

async function storedKeys(backend: Pick<Backend, 'origin'>): Promise<string[]> {
  const { json } = await ask(backend, 'GET', '/api/connections', { user: 'ada' });
  return (json.rows as { connection_key: string }[]).map((row) => row.connection_key);
}

describe('no connection is lost', () => {
  let browser: Browser;
  let servers: TestServers;

  before(async () => {
    [browser, servers] = await Promise.all([launch(), startTestServers()]);
  });

  after(async () => {
    await browser.close();
    await servers.stop();
  });

  describe('of a thousand, with an endpoint that fails three requests in ten', () => {
    let pica: PicaStandIn;
    let backend: Backend;
    let endpoint: FaultyEndpoint;
    let site: HostSite;
    let context: BrowserContext;

    before(async () => {
      pica = await startPica();
      backend = await startTestBackend({ picaApi: pica.origin });
      endpoint = await startFaultyEndpoint(backend.origin);
      site = await HostSite.start();
      context = await browser.newContext();
    });

    after(async () => {
      await context.close();
      await site.close();
      await endpoint.close();
      await backend.close();
      await pica.close();
    });

    it('while pages are reloaded and closed', async (test) => {
      const { authkit } = servers.origins;
      const connectionsUrl = `${endpoint.origin}/api/connections`;
      const address = site.add({ markup: button(authkit, connectionsUrl) });
      const connectedKeys: string[] = [];
      let page = await context.newPage();
      await page.goto(address);
      for (let round = 0; round < 40; round += 1) {
        const keys = Array.from({ length: 25 }, (_, index) => `test::gmail::${round}::${index}`);
        // AuthKit's page would have created them at Pica.
        pica.addToVault('ada', ...keys);
        await openAuthKit(page);
        await connect(page, keys);
        connectedKeys.push(...keys);
        if (round % 4 === 1) {
          await page.reload();
        } else if (round % 4 === 2) {
          await page.close();
          page = await context.newPage();
          await page.goto(address);
        } else {
          // Some users stay on the page. Without them the outbox, which holds a hundred, would overflow.
          await waitUntilStored(page);
          await page.evaluate(() => document.querySelector('pica-connect-button')?.close());
        }
      }
      await waitUntilStored(page);

      const stored = await storedKeys(backend);
      assert.deepEqual(stored.sort(), connectedKeys.sort());
      assert.equal(new Set(stored).size, 1000);
      for (const [fault, times] of endpoint.faultCounts) {
        test.diagnostic(`${fault}: ${times} times`);
        assert.ok(times >= 20, fault);
      }
    });
  });

  describe('while another tab is saving it', () => {
    let site: HostSite;
    let context: BrowserContext;

    before(async () => {
      site = await HostSite.start();
      context = await browser.newContext();
    });

    after(async () => {
      await context.close();
      await site.close();
    });

    it('because only that tab sends it, and the next page does once that tab is closed', async () => {
      const { authkit, endpoints } = servers.origins;
      const control = async (behaviour: object[]) => {
        await fetch(`${endpoints}/tabs/control`, {
          method: 'POST',
          body: JSON.stringify({ behaviour }),
        });
      };
      const posts = async () => {
        const response = await fetch(`${endpoints}/tabs/requests`);
        const all = (await response.json()) as { method: string; path: string }[];
        return all.filter(({ method }) => method === 'POST').length;
      };
      const address = site.add({ markup: button(authkit, `${endpoints}/tabs/connections`) });
      await control([{ method: 'POST', path: 'connections', hold: true }]);
      const first = await context.newPage();
      await first.goto(address);
      await openAuthKit(first);
      await connect(first, ['test::gmail::tabs']);
      while ((await posts()) === 0) await first.waitForTimeout(10);

      const second = await context.newPage();
      await second.goto(address);
      await second.locator('pica-connect-button[status="idle"]').waitFor();
      // Saving its own connection proves that the second tab has already gone through the outbox.
      await control([]);
      await openAuthKit(second);
      await connect(second, ['test::gmail::second']);
      await second.waitForFunction(() => localStorage.length === 1);
      assert.equal(await posts(), 2);

      await first.close();
      await second.reload();
      await waitUntilStored(second);
      assert.equal(await posts(), 3);
    });
  });

  describe('when the backend is killed between consent and saving', () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>;
    let backend: BackendProcess | undefined;

    before(async () => {
      folder = await temporaryFolder();
    });

    after(async () => {
      await backend?.kill();
      await folder.remove();
    });

    it('because the next page stores it', async () => {
      const { authkit } = servers.origins;
      const pages = join(folder.path, 'pages');
      await mkdir(pages, { recursive: true });
      await cp(new URL('../../dist/pica-connect.min.js', import.meta.url), join(pages, 'p.js'));
      const script = '<!doctype html><script src="/p.js" defer></script>';
      await writeFile(join(pages, 'index.html'), script + button(authkit, '/api/connections'));
      const options = {
        database: join(folder.path, 'database'),
        picaSecret: secret,
        credentialSecrets: [credentialSecret],
        picaApi: 'http://127.0.0.1:1',
        authkitOrigin: authkit,
        staticFolders: { '/': pages },
      };
      backend = await startBackendProcess(options);
      const { origin } = backend;
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(origin);
      await openAuthKit(page);
      await backend.kill();
      await connect(page, ['test::gmail::killed']);
      await page.close();

      backend = await startBackendProcess({ ...options, port: Number(new URL(origin).port) });
      assert.deepEqual(await storedKeys(backend), []);
      const next = await context.newPage();
      await next.goto(origin);
      await waitUntilStored(next);
      assert.deepEqual(await storedKeys(backend), ['test::gmail::killed']);
      await context.close();
    });
  });
});
