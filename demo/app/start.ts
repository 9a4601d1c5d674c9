import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { endOnUncaughtError } from './backend/uncaught-error.js';
import { createLog } from './backend/log.js';
import { startBackend } from './backend/server.js';
import { StartError } from './backend/start-error.js';
import { startFaultyEndpoints } from './start/faulty-endpoints.js';
import { localOrigins } from './http/own-origins.js';
import { buildDocs, docsFolder } from './start/build-docs.js';
import { watchForEnd } from './start/shutdown-signal.js';
import { freePort } from './start/free-port.js';
import { startPica } from './start/pica-or-sandbox.js';
import { buildScriptTag } from './start/build-script-tag.js';
import { readSettings, secretsIn } from './start/settings.js';
import { buildSite } from './start/build-site.js';

/** To close, in this order: while the backend drains, it needs the others. */
const running: { close(): Promise<void> }[] = [];

const ending = watchForEnd(say);
const asked = once(ending, 'abort');

try {
  const address = await start();
  // What has begun to start was let finish: a database that is ended while it writes its files for the
  // first time cannot be opened any more.
  if (!ending.aborted) console.log(`\n  ${address}\n\nCtrl+C ends it.`);
  await asked;
} catch (error) {
  console.error(error instanceof StartError ? `\n${error.message}` : error);
  process.exitCode = 1;
} finally {
  for (const part of running) await part.close();
}
process.exit();

async function start(): Promise<string> {
  const settings = readSettings(process.env);
  endOnUncaughtError(createLog(settings.logLevel, secretsIn(settings)));
  await buildScriptTag(say);
  const port = await freePort('The page', settings.port, say);
  const pages = [...localOrigins(port), ...settings.origins];
  const pica = await startPica(settings, pages, say);
  if (pica.sandbox) running.push(pica.sandbox);

  const faultyPort = await freePort('The faulty token endpoints', settings.faultyPort, say);
  const faulty = await startFaultyEndpoints(faultyPort);
  running.push(faulty);

  say('Opening the database. The first time this takes about ten seconds.');
  // Beside it, as both take some time the first time.
  const site = buildSite(say).catch((error: unknown) =>
    say(`The playground and the gallery could not be built: ${String(error)}`),
  );
  const built = {
    docs: docsFolder,
    playground: folder('pages/playground/dist'),
    gallery: folder('pages/gallery/dist'),
  };
  // The server complains of folders that are not there yet.
  for (const path of Object.values(built)) await mkdir(path, { recursive: true });
  const backend = await startBackend({
    ...pica,
    port,
    database: settings.database,
    databaseLimits: settings.databaseLimits,
    logLevel: settings.logLevel,
    drainMs: settings.drainMs,
    closeTimeoutMs: settings.closeTimeoutMs,
    keepAliveTimeoutMs: settings.keepAliveTimeoutMs,
    metricsPort: settings.metricsPort,
    origins: settings.origins,
    cookieSecrets: settings.cookieSecrets,
    credentialSecrets: settings.credentialSecrets,
    trustsPlainIds: settings.trustsPlainIds,
    pageConfig: { ...pica.pageConfig, faulty: faulty.origin },
    staticFolders: {
      '/': folder('pages/settings'),
      '/dist': folder('../../dist'),
      '/docs': built.docs,
      '/doctor': folder('pages/doctor'),
      '/playground': built.playground,
      '/gallery': built.gallery,
    },
  });
  running.unshift(backend);
  await site;

  const docs = await buildDocs(say);
  if (docs) running.push(docs);
  return backend.origin;
}

function say(progress: string): void {
  console.log(progress);
}

function folder(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
