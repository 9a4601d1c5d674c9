import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { folder, scriptOf, type ScriptName } from './scripts.js';

/** A host page: the scripts that it loads and the content of its body. */
export interface BenchPage {
  scripts: ScriptName[];
  /** Whether the script tags allow placeholders. */
  hasPlaceholders?: boolean;
  markup?: string;
}

/** A host's website. On `localhost` it is a different site from AuthKit's 127.0.0.1, as in production. */
export class BenchSite {
  readonly #pages: BenchPage[] = [];
  readonly #scripts = new Map<string, Uint8Array>();
  readonly #server: ServerType;

  private constructor(readonly hostname: string) {
    const app = new Hono();
    const javascript = { 'content-type': 'text/javascript' };
    app.get('/scripts/:name', async (c) => {
      const name = c.req.param('name');
      // The one-file build loads other files from its own folder.
      const script = this.#scripts.get(name) ?? (await readFile(`${folder}/dist/${name}`));
      return c.body(Buffer.from(script), 200, javascript);
    });
    app.post('/token', (c) => {
      const rows = [{ id: 'gmail', connectionDefId: 'gmail', title: 'Gmail', active: true }];
      return c.json({ rows, total: 1, page: 1, pages: 1 });
    });
    app.get('/pages/:index', (c) => {
      const page = this.#pages[Number(c.req.param('index'))];
      return page ? c.html(documentOf(page)) : c.notFound();
    });
    this.#server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  }

  static async start(hostname = 'localhost'): Promise<BenchSite> {
    const site = new BenchSite(hostname);
    if (!site.#server.listening) await once(site.#server, 'listening');
    return site;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Publishes a page and returns its URL. */
  async add(page: BenchPage): Promise<string> {
    for (const name of page.scripts) {
      if (!this.#scripts.has(fileOf(name))) this.#scripts.set(fileOf(name), await scriptOf(name));
    }
    this.#pages.push(page);
    return `http://${this.hostname}:${this.port}/pages/${this.#pages.length - 1}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

function fileOf(name: ScriptName): string {
  return name.replace(/[^\w.-]+/g, '-');
}

function documentOf({ scripts, hasPlaceholders, markup = '' }: BenchPage): string {
  const attributes = hasPlaceholders ? 'data-placeholders="" defer' : 'defer';
  const tags = scripts.map(
    (name) => `<script src="/scripts/${fileOf(name)}" ${attributes}></script>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>A host's page</title>
    <link rel="icon" href="data:," />
    ${tags.join('\n    ')}
  </head>
  <body>
    ${markup}
  </body>
</html>`;
}
