import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';

const root = new URL('../../', import.meta.url);

/** Paths of the scripts that a page can load, and their files. */
const scripts = {
  '/pica-connect.min.js': 'dist/pica-connect.min.js',
  '/pica-connect.diagnosis.js': 'dist/pica-connect.diagnosis.js',
  '/pica-connect.window.js': 'dist/pica-connect.window.js',
  '/pica-connect.preload.js': 'dist/pica-connect.preload.js',
  '/authkit.js': 'node_modules/@picahq/authkit/dist/index.esm.js',
};

/** `@picahq/authkit` alone, for tests that show how it behaves without pica-connect. */
const bare = `import { useAuthKit } from '/authkit.js';
window.useAuthKit = useAuthKit;`;

export interface HostPage {
  /** The contents of its body. */
  markup?: string;
  /** The script that it loads by a tag. Default: the one-file build. */
  script?: '/pica-connect.min.js' | '/bare.js';
  /** Set on the script's tag, for a policy that requires a nonce. */
  nonce?: string;
  headers?: Record<string, string>;
}

/** A host's web site. Tests add its pages, with their headers. */
export class HostSite {
  readonly #pages: HostPage[] = [];
  readonly #server: ServerType;

  private constructor(readonly hostname: string) {
    const app = new Hono();
    for (const [path, file] of Object.entries(scripts)) {
      app.get(path, async (c) =>
        c.body(await readFile(new URL(file, root)), 200, { 'content-type': 'text/javascript' }),
      );
    }
    app.get('/bare.js', (c) => c.body(bare, 200, { 'content-type': 'text/javascript' }));
    app.get('/pages/:index', (c) => {
      const page = this.#pages[Number(c.req.param('index'))];
      return page ? c.html(documentOf(page), 200, page.headers) : c.notFound();
    });
    this.#server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  }

  /**
   * The servers of test/fixtures/servers and the sandbox are on `127.0.0.1`. For them, `localhost` is another
   * site, as a host's site is in production. `127.0.0.1` is another origin on the same site.
   */
  static async start(hostname: 'localhost' | '127.0.0.1' = 'localhost'): Promise<HostSite> {
    const site = new HostSite(hostname);
    if (!site.#server.listening) await once(site.#server, 'listening');
    return site;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://${this.hostname}:${String(this.port)}`;
  }

  /** Publishes a page and returns its address. */
  add(page: HostPage): string {
    this.#pages.push(page);
    return `${this.origin}/pages/${String(this.#pages.length - 1)}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

function documentOf({ markup = '', script = '/pica-connect.min.js', nonce }: HostPage): string {
  const type = script === '/bare.js' ? 'type="module"' : 'defer';
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>A host's page</title>
    <link rel="icon" href="data:," />
    <script src="${script}" ${type}${nonce ? ` nonce="${nonce}"` : ''}></script>
  </head>
  <body>
    <h1>A host's page</h1>
    ${markup}
  </body>
</html>`;
}
