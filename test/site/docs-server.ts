import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import type { BrowserContext } from 'playwright-core';
import { docsFolder } from '../../demo/app/start/build-docs.js';

/** Serves the built documentation under the same path as the demo does. */
export class DocsServer {
  /** The paths of all pages, such as `errors/index.html`. */
  readonly pages = readdirSync(docsFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html') && path !== '404.html')
    .sort();
  readonly #server: ServerType;

  private constructor() {
    const app = new Hono();
    app.use(
      '/docs/*',
      serveStatic({ root: docsFolder, rewriteRequestPath: (path) => path.replace('/docs', '') }),
    );
    this.#server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  }

  static async start(): Promise<DocsServer> {
    const server = new DocsServer();
    if (!server.#server.listening) await once(server.#server, 'listening');
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  addressOf(page: string): string {
    return `${this.origin}/docs/${page}`;
  }

  /** Blocks a browser's requests to all other servers. Returns a list that their URLs are added to. */
  async blockExternalRequests(context: BrowserContext): Promise<string[]> {
    const blockedUrls: string[] = [];
    await context.route('**', async (route) => {
      const url = route.request().url();
      if (url.startsWith(this.origin)) return route.continue();
      blockedUrls.push(url);
      return route.abort();
    });
    return blockedUrls;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}
