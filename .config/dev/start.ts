import { once } from 'node:events';
import { localOrigins } from '../../demo/app/http/own-origins.js';
import { startBackend } from '../../demo/app/backend/server.js';
import { buildSandbox } from '../../demo/app/site/build.js';
import { docsFolder } from '../../demo/app/start/build-docs.js';
import { shutdownSignal } from '../../demo/app/start/shutdown-signal.js';
import { startFaultyEndpoints } from '../../demo/app/start/faulty-endpoints.js';
import { startPicaOrSandbox } from '../../demo/app/start/pica-or-sandbox.js';
import { freePort } from '../../demo/app/start/free-port.js';
import { readSettings } from '../../demo/app/start/settings.js';
import { startPages } from './pages.js';

/*
 * npm run dev starts the same demo as `npm run demo`, but serves the elements and the pages from their sources and
 * reloads the page at every save. Restart it after changes to the backend or the sandbox's server.
 */

const say = (progress: string) => console.log(progress);
const ended = once(shutdownSignal(say), 'abort');
const settings = readSettings(process.env);
const port = await freePort('The page', settings.port, say);
const pica = await startPicaOrSandbox(settings, [...localOrigins(port), ...settings.origins], say);
const faultyPort = await freePort('The faulty token endpoints', settings.faultyPort, say);
const faulty = await startFaultyEndpoints(faultyPort);
say('Opening the database. The first time this takes about ten seconds.');
const backend = await startBackend({
  ...settings,
  ...pica,
  port: 0,
  pageConfig: { ...pica.pageConfig, faulty: faulty.origin },
  staticFolders: { '/docs': docsFolder },
});
await buildSandbox();
const pages = await startPages({ port, backend: backend.origin });
console.log(`\n  http://127.0.0.1:${port}\n\nPlayground: /playground/. Ctrl+C ends it.`);

await ended;
await pages.close();
await backend.close();
await faulty.close();
await pica.sandbox?.close();
process.exit();
