import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { AuthKitToken } from '@picahq/authkit-token';
import getPort from 'get-port';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { proxy } from 'hono/proxy';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';

interface Row {
  connection_key: string;
  platform: string;
}

/** The elements' default origin of AuthKit, because the apps don't set another. */
export const authkitOrigin = 'https://authkit.picaos.com';

const credential = 'Bearer of-ada';

/** Serves an app's files, or forwards requests to its server, and has the endpoints that the app uses. */
export class AppHost {
  /** The stored connections. */
  rows: Row[] = [];
  readonly sandbox: Sandbox;
  readonly #server: Server;
  #appServer: ChildProcess | undefined;

  private constructor(sandbox: Sandbox, app: Hono) {
    this.sandbox = sandbox;
    const respond = getRequestListener(app.fetch);
    this.#server = createServer((request, response) => void respond(request, response));
    this.#addEndpoints(app);
  }

  static async start(): Promise<AppHost> {
    const app = new Hono();
    const host = new AppHost(await startSandbox(), app);
    host.#server.listen(0, '127.0.0.1');
    await once(host.#server, 'listening');
    host.serve = (folder) => {
      app.use('/*', serveStatic({ root: folder }));
    };
    host.#forward = (port) => {
      app.all('/*', (context) => {
        const { pathname, search } = new URL(context.req.url);
        return proxy(`http://127.0.0.1:${port}${pathname}${search}`, context.req);
      });
    };
    return host;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Serves the files of a folder. */
  serve: (folder: string) => void = () => {};
  #forward: (port: number) => void = () => {};

  /** Starts the app's own server by `npm start`, and forwards requests to it. */
  async run(folder: string): Promise<void> {
    const port = await getPort({ host: '127.0.0.1' });
    const child = spawn('npm', ['start', '--silent'], {
      cwd: folder,
      // Its own process group can be terminated together with its children.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', NODE_OPTIONS: '' },
    });
    this.#appServer = child;
    await waitUntilReachable(`http://127.0.0.1:${port}/`, child);
    this.#forward(port);
  }

  async close(): Promise<void> {
    const child = this.#appServer;
    if (child?.pid !== undefined && child.exitCode === null) {
      const ended = once(child, 'close');
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    await this.sandbox.close();
  }

  #addEndpoints(app: Hono): void {
    app.get('/api/credential', (context) => context.text(credential));
    app.use('/api/authkit/token', cors({ origin: authkitOrigin }));
    app.post('/api/authkit/token', async (context) => {
      // Only the function that the app sets as a property knows this credential.
      if (context.req.header('authorization') !== credential) return context.body(null, 401);
      const pica = new AuthKitToken('sk_test_sandbox', { baseUrl: this.sandbox.origin });
      const token: unknown = await pica.create({ identity: 'ada', identityType: 'user' });
      return context.json(token as object);
    });
    app.get('/api/connections', (context) => context.json(this.rows));
    app.post('/api/connections', async (context) => {
      const row = await context.req.json<Row>();
      this.rows = [
        ...this.rows.filter((other) => other.connection_key !== row.connection_key),
        row,
      ];
      return context.json(row, 201);
    });
  }
}

async function waitUntilReachable(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch (cause) {
      if (child.exitCode !== null) throw new Error('npm start has ended', { cause });
      if (Date.now() > deadline) throw new Error(`No response from ${url}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
