import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import type { BrowserContext } from 'playwright-core';
import { docsFolder } from '../../demo/app/start/build-docs.js';

/** The built documentation, at the path where the demo has it, and nothing else. */
export class DocsServer {
  /** Every page: `errors/index.html`. */
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
    const site = new DocsServer();
    if (!site.#server.listening) await once(site.#server, 'listening');
    return site;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  addressOf(page: string): string {
    return `${this.origin}/docs/${page}`;
  }

  /** Lets a browser reach nothing but this server, and answers with what it asked for elsewhere. */
  async onlyThis(context: BrowserContext): Promise<string[]> {
    const others: string[] = [];
    await context.route('**', async (route) => {
      const url = route.request().url();
      if (url.startsWith(this.origin)) return route.continue();
      others.push(url);
      return route.abort();
    });
    return others;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}
