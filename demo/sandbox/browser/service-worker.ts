import { Hono } from 'hono';
import { answerErrors, sandboxApp } from '../app.js';
import { LinkSessions } from '../link-sessions.js';
import { OAuthAttempts } from '../oauth-attempts.js';
import { Vault } from '../vault.js';
import { host } from './host.js';
import { Kept } from './kept.js';
import { isSimulation, simulate } from './simulations.js';

/** The little of a worker that is used here: the DOM's types and those of workers exclude each other. */
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

/** No secret at all, as everybody has this file. It stands where a host's backend has its own. */
const secret = 'sk_test_sandbox';
const scope = new URL(worker.registration.scope);
const kept = new Kept();
const app = kept.load().then(createApp);

function createApp(): Hono {
  const parts = {
    secret,
    vault: new Vault('test', kept),
    sessions: new LinkSessions(),
    attempts: new OAuthAttempts(),
  };
  const sandbox = sandboxApp(parts);
  const all = answerErrors(new Hono());
  for (const [folder, simulation] of [
    ['', undefined],
    ...Object.entries(simulate).map(([name, run]) => [`simulate/${name}`, run] as const),
  ] as const) {
    const base = scope.pathname + folder;
    const pica = new Hono().route(base, sandbox);
    const askPica = (path: string, init?: RequestInit) => {
      const request = new Request(new URL(base.replace(/\/$/, '') + path, scope), init);
      request.headers.set('x-pica-secret', secret);
      return Promise.resolve(pica.fetch(request));
    };
    const place = new Hono();
    if (simulation) {
      const ask = (request: Request) => all.fetch(request);
      place.use((c, next) => simulation({ path: `/${pathIn(base, c.req.url)}`, ask })(c, next));
    }
    place.route('/api', host(askPica, kept)).route('/', sandbox);
    all.route(base, place);
  }
  return all;
}

const pathIn = (base: string, url: string) =>
  new URL(url).pathname.slice(base.length).replace(/^\//, '');

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));
// A page that was reloaded past the worker asks to be its own again.
worker.addEventListener('message', (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== scope.origin || !url.pathname.startsWith(scope.pathname)) return;
  const path = pathIn(scope.pathname, event.request.url).split('/');
  const simulated = path[0] === 'simulate' && isSimulation(path[1]) ? path.splice(0, 2) : [];
  if (['api', 'link', 'oauth', 'logos'].includes(path[0] ?? '')) {
    event.respondWith(answer(event));
  } else if (simulated.length > 0) {
    // The pages and their files are the same in every folder.
    event.respondWith(fetch(new URL(path.join('/') + url.search, scope)));
  }
});

async function answer(event: FetchEvent): Promise<Response> {
  const response = await (await app).fetch(event.request);
  event.waitUntil(kept.written);
  return response;
}
