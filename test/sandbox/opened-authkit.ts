import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import { AuthKitToken } from '@picahq/authkit-token';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { chromium, type Browser, type FrameLocator, type Page } from 'playwright-core';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';

/** What the host page heard from AuthKit, in order. */
export type Heard =
  { success: ConnectionRecord } | { error: string } | { close: true } | { message: string };

export interface AuthKitOptions {
  tokenPath?: string;
  headers?: Record<string, string>;
  selectedConnection?: string;
  title?: string;
  imageUrl?: string;
  companyName?: string;
  showNameInput?: boolean;
  appTheme?: 'light' | 'dark';
}

export interface OpenedAuthKit {
  page: Page;
  /** AuthKit's page. */
  frame: FrameLocator;
  /** Waits until the host has heard something of this kind, and answers everything it has heard of it. */
  heard<Kind extends 'success' | 'error' | 'close'>(kind: Kind): Promise<unknown[]>;
  everythingHeard(): Promise<Heard[]>;
}

export interface Stage {
  sandbox: Sandbox;
  hostOrigin: string;
  /** Headers of the requests that the host's token endpoint has had. */
  tokenRequests: Record<string, string>[];
  open(options?: AuthKitOptions, size?: { width: number; height: number }): Promise<OpenedAuthKit>;
  faults(...faults: object[]): Promise<void>;
  close(): Promise<void>;
}

const hostPage = `<!doctype html><meta charset="utf-8"><title>Host</title>
<meta name="viewport" content="width=device-width">
<style>body { font: 16px sans-serif; background: #eef }</style>
<h1>A host page</h1><p>Some text behind AuthKit.</p>
<script type="module">
  import { useAuthKit } from '/authkit.js';
  window.heard = [];
  addEventListener('message', (event) => heard.push({ message: event.data?.messageType }));
  window.openAuthKit = (options) => useAuthKit({
    ...options,
    onSuccess: (success) => heard.push({ success }),
    onError: (error) => heard.push({ error }),
    onClose: () => heard.push({ close: true }),
  }).open();
</script>`;

/** A sandbox, a host with a real token endpoint on another origin, and a real browser. */
export async function setStage(): Promise<Stage> {
  const sandbox = await startSandbox();
  const tokenRequests: Record<string, string>[] = [];
  const host = await startHost(sandbox, tokenRequests);
  const browser = await launch();

  return {
    sandbox,
    hostOrigin: host.origin,
    tokenRequests,
    async open({ tokenPath = '/token', headers, ...options } = {}, viewport) {
      const context = await browser.newContext({ ...(viewport && { viewport }) });
      const page = await context.newPage();
      await page.goto(host.origin);
      await page.evaluate(
        (props) => (window as unknown as { openAuthKit(p: object): void }).openAuthKit(props),
        {
          ...options,
          baseUrl: `${sandbox.origin}/authkit`,
          token: { url: `${host.origin}${tokenPath}`, headers },
        },
      );
      const everythingHeard = () =>
        page.evaluate(() => (window as unknown as { heard: Heard[] }).heard);
      return {
        page,
        frame: page.frameLocator('#event-link'),
        everythingHeard,
        async heard(kind) {
          await page.waitForFunction(
            (wanted) =>
              (window as unknown as { heard: Heard[] }).heard.some((entry) => wanted in entry),
            kind,
          );
          return (await everythingHeard()).flatMap((entry) =>
            kind in entry ? [(entry as Record<string, unknown>)[kind]] : [],
          );
        },
      };
    },
    async faults(...faults) {
      await fetch(`${sandbox.origin}/sandbox/faults`, { method: 'DELETE' });
      for (const fault of faults) {
        await fetch(`${sandbox.origin}/sandbox/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(fault),
        });
      }
    },
    async close() {
      await browser.close();
      await Promise.all([sandbox.close(), host.close()]);
    },
  };
}

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });

async function startHost(sandbox: Sandbox, tokenRequests: Record<string, string>[]) {
  const authkit = await readFile(
    new URL('../../node_modules/@picahq/authkit/dist/index.esm.js', import.meta.url),
    'utf8',
  );
  const app = new Hono();
  app.use('/token/*', cors());
  app.post('/token-without-cors', (c) => c.json({ rows: [] }));
  app.get('/', (c) => c.html(hostPage));
  app.get('/authkit.js', (c) => c.body(authkit, 200, { 'content-type': 'text/javascript' }));
  app.post('/token', async (c) => {
    tokenRequests.push(c.req.header());
    const token: unknown = await new AuthKitToken('sk_test_sandbox', {
      baseUrl: sandbox.origin,
    }).create({ identity: 'user-1', identityType: 'user' });
    return c.json(token);
  });
  app.post('/token/broken', (c) => c.json({ error: 'broken' }, 500));
  // What a backend with a wrong secret answers that does not look at what AuthKitToken gave it.
  app.post('/token/with-wrong-secret', async (c) => {
    const refusal = await fetch(`${sandbox.origin}/v1/authkit`, {
      method: 'POST',
      headers: { 'x-pica-secret': 'sk_test_other' },
    });
    return c.json((await refusal.json()) as object);
  });

  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
