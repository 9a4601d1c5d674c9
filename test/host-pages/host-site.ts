import { serve, type HttpBindings, type ServerType } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';

const root = new URL('../../', import.meta.url);

/** Paths of the scripts that a page can load, and their files. */
const scripts = {
  '/pica-connect.min.js': 'dist/pica-connect.min.js',
  '/pica-connect.diagnosis.js': 'dist/pica-connect.diagnosis.js',
  '/pica-connect.preload.js': 'dist/pica-connect.preload.js',
  '/authkit.js': 'node_modules/@picahq/authkit/dist/index.esm.js',
};

/** `@picahq/authkit` alone, for tests that show how it behaves without pica-connect. */
const bare = `import { useAuthKit } from '/authkit.js';
window.useAuthKit = useAuthKit;`;

export interface HostPage {
  /** The contents of its body. */
  markup?: string;
  /**
   * The script that it loads by a tag: the one-file build, which is the default, `/bare.js`, or a file that was added
   * with `addFiles()`.
   */
  script?: string;
  /** Set on the script's tag, for a policy that requires a nonce. */
  nonce?: string;
  headers?: Record<string, string>;
}

/** What happens to a request for a file instead of an answer with the file: a status, or no answer for now or at all. */
export type Fault = number | 'hold' | 'drop';

/** A host's web site. Tests add its pages, with their headers. */
export class HostSite {
  readonly #pages: HostPage[] = [];
  readonly #files = new Map<string, Uint8Array>();
  readonly #faults = new Map<string, Fault>();
  readonly #held: (() => void)[] = [];
  /** Whether no request is answered at all. */
  isOffline = false;
  /** The paths of all requests for added files, in order. */
  readonly requests: string[] = [];
  readonly #server: ServerType;

  private constructor(readonly hostname: string) {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.use(async (c, next) => {
      if (!this.isOffline) return next();
      c.env.incoming.socket.destroy();
      return c.body(null);
    });
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
    app.get('*', (c) => this.#answerWithFile(c));
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

  /** Serves these scripts, by their paths. */
  addFiles(files: Iterable<[path: string, contents: Uint8Array]>): void {
    for (const [path, contents] of files) this.#files.set(path, contents);
  }

  /** From now on, requests for a file end with this fault. Without one, the file is served, also to held requests. */
  setFault(path: string, fault?: Fault): void {
    if (fault === undefined) this.#faults.delete(path);
    else this.#faults.set(path, fault);
    for (const resume of this.#held.splice(0)) resume();
  }

  /** Forgets all requests, and answers as usual. */
  reset(): void {
    this.isOffline = false;
    this.#faults.clear();
    this.requests.length = 0;
    for (const resume of this.#held.splice(0)) resume();
  }

  async #answerWithFile(context: Context<{ Bindings: HttpBindings }>): Promise<Response> {
    const { path } = context.req;
    const file = this.#files.get(path);
    if (!file) return context.notFound();
    this.requests.push(path);
    while (this.#faults.get(path) === 'hold')
      await new Promise<void>((resume) => this.#held.push(resume));
    const fault = this.#faults.get(path);
    if (fault === 'drop') {
      context.env.incoming.socket.destroy();
      return context.body(null);
    }
    if (typeof fault === 'number') return context.text('', fault as 404);
    return context.body(file as Uint8Array<ArrayBuffer>, 200, {
      'content-type': 'text/javascript',
    });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    if ('closeAllConnections' in this.#server) this.#server.closeAllConnections();
    await closed;
  }
}

function documentOf({ markup = '', script = '/pica-connect.min.js', nonce }: HostPage): string {
  const type = script.endsWith('.min.js') ? 'defer' : 'type="module"';
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
