import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import { createConnections, createIntegrations } from './connections.js';
import { folder, scriptOf, type ScriptName } from './scripts.js';

/** A host page: the scripts that it loads and the content of its body. */
export interface BenchPage {
  scripts: ScriptName[];
  /** Where the scripts are, if not on the site itself. */
  scriptOrigin?: string;
  /** Whether the script tags allow placeholders. */
  hasPlaceholders?: boolean;
  markup?: string;
}

/** A host's website. On `localhost` it is a different site from AuthKit's 127.0.0.1, as in production. */
export class BenchSite {
  readonly #pages: BenchPage[] = [];
  /** Compressed scripts, by file name. */
  readonly #scripts = new Map<string, Uint8Array>();
  readonly #server: ServerType;

  private constructor(readonly hostname: string) {
    const app = new Hono();
    app.get('/scripts/:path{.+}', async (c) => {
      const name = c.req.param('path');
      // The builds load other files from their own folder.
      const script = this.#scripts.get(name) ?? compress(await readFile(`${folder}/dist/${name}`));
      this.#scripts.set(name, script);
      return c.body(Buffer.from(script), 200, {
        'content-type': 'text/javascript',
        'content-encoding': 'br',
        'cache-control': 'max-age=3600',
        'access-control-allow-origin': '*',
      });
    });
    app.post('/token', (c) => {
      const rows = [{ id: 'gmail', connectionDefId: 'gmail', title: 'Gmail', active: true }];
      return c.json({ rows, total: 1, page: 1, pages: 1 });
    });
    app.get('/connections', (c) =>
      c.json({ rows: createConnections(Number(c.req.query('count'))) }),
    );
    app.get('/integrations', (c) =>
      c.json({ rows: createIntegrations(Number(c.req.query('count'))) }),
    );
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
      const file = fileOf(name);
      if (!this.#scripts.has(file)) this.#scripts.set(file, compress(await scriptOf(name)));
    }
    this.#pages.push(page);
    return `http://${this.hostname}:${this.port}/pages/${this.#pages.length - 1}`;
  }

  /** Publishes several pages and returns their URLs by name. */
  async addAll<Name extends string>(pages: Record<Name, BenchPage>): Promise<Record<Name, string>> {
    const urls = {} as Record<Name, string>;
    for (const name of Object.keys(pages) as Name[]) urls[name] = await this.add(pages[name]);
    return urls;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

const compress = (script: Uint8Array): Uint8Array => brotliCompressSync(script);

function fileOf(name: ScriptName): string {
  return name.replace(/[^\w.-]+/g, '-');
}

function documentOf({ scripts, scriptOrigin = '', hasPlaceholders, markup = '' }: BenchPage) {
  const tags = scripts.map((name) => {
    const type = name === 'pica-connect.js' ? 'type="module"' : 'defer';
    // The bench's own functions are not part of what is measured.
    const origin = name === 'functions for pages' ? '' : scriptOrigin;
    const attributes = hasPlaceholders ? `data-placeholders="" ${type}` : type;
    return `<script src="${origin}/scripts/${fileOf(name)}" ${attributes}></script>`;
  });
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
