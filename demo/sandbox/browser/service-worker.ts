import { Hono } from 'hono';
import { answerErrors, sandboxApp } from '../app.js';
import { LinkSessions } from '../link-sessions.js';
import { OAuthAttempts } from '../oauth-attempts.js';
import { Vault } from '../vault.js';
import { BrowserStorage } from './browser-storage.js';
import { host } from './host.js';
import { isSimulation, simulate } from './simulations.js';

/** The types used here. TypeScript's libraries for workers and for the DOM cannot be combined. */
interface ExtendableEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Worker {
  registration: { scope: string };
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(
    type: 'install' | 'activate' | 'message',
    run: (e: ExtendableEvent) => void,
  ): void;
  addEventListener(type: 'fetch', run: (e: FetchEvent) => void): void;
}
const worker = globalThis as unknown as Worker;

/** Not secret, as this file is public. A host's backend has its own key here. */
const secret = 'sk_test_sandbox';
const scope = new URL(worker.registration.scope);
const storage = new BrowserStorage();
const app = storage.load().then(createApp);

function createApp(): Hono {
  const parts = {
    secret,
    vault: new Vault('test', storage),
    sessions: new LinkSessions(),
    attempts: new OAuthAttempts(),
  };
  const sandbox = sandboxApp(parts);
  const root = answerErrors(new Hono());
  for (const [folder, simulation] of [
    ['', undefined],
    ...Object.entries(simulate).map(([name, run]) => [`simulate/${name}`, run] as const),
  ] as const) {
    const base = scope.pathname + folder;
    const pica = new Hono().route(base, sandbox);
    const fetchPica = (path: string, init?: RequestInit) => {
      const request = new Request(new URL(base.replace(/\/$/, '') + path, scope), init);
      request.headers.set('x-pica-secret', secret);
      return Promise.resolve(pica.fetch(request));
    };
    const folderApp = new Hono();
    if (simulation) {
      const fetchSandbox = (request: Request) => root.fetch(request);
      folderApp.use((c, next) =>
        simulation({ path: `/${pathIn(base, c.req.url)}`, fetchSandbox })(c, next),
      );
    }
    folderApp.route('/api', host(fetchPica, storage)).route('/', sandbox);
    root.route(base, folderApp);
  }
  return root;
}

const pathIn = (base: string, url: string) =>
  new URL(url).pathname.slice(base.length).replace(/^\//, '');

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
// A page that was reloaded without the worker (a forced reload) asks the worker to control it again.
worker.addEventListener('message', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const path = pathIn(scope.pathname, event.request.url).split('/');
  const simulated = path[0] === 'simulate' && isSimulation(path[1]) ? path.splice(0, 2) : [];
  if (['api', 'link', 'oauth', 'logos'].includes(path[0] ?? '')) {
    event.respondWith(answer(event));
  } else if (simulated.length > 0) {
    // Pages and their files do not depend on the simulation.
    event.respondWith(fetch(new URL(path.join('/') + url.search, scope)));
  }
});

async function answer(event: FetchEvent): Promise<Response> {
  const response = await (await app).fetch(event.request);
  event.waitUntil(storage.flush());
  return response;
}
