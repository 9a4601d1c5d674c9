import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serve, type ServerType } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';

/** Serves the built pages as any file server would, from a subfolder. */
export class StaticSite {
  private constructor(
    readonly server: ServerType,
    readonly address: string,
  ) {}

  static async start(): Promise<StaticSite> {
    const app = new Hono();
    for (const name of ['playground', 'gallery']) {
      const root = fileURLToPath(new URL(`../../demo/app/pages/${name}/dist`, import.meta.url));
      const base = `/some/where/${name}`;
      const rewriteRequestPath = (path: string) => path.slice(base.length);
      app.use(`${base}/*`, serveStatic({ root, rewriteRequestPath }));
    }
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    if (!server.listening) await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new StaticSite(server, `http://127.0.0.1:${port}/some/where`);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    if ('closeAllConnections' in this.server) this.server.closeAllConnections();
    await closed;
  }
}
