import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { exitOnUncaughtError } from './backend/uncaught-error.js';
import { createLog } from './backend/log.js';
import { startBackend } from './backend/server.js';
import { StartError } from './backend/start-error.js';
import { startFaultyEndpoints } from './start/faulty-endpoints.js';
import { localOrigins } from './http/own-origins.js';
import { buildDocs, docsFolder } from './start/build-docs.js';
import { shutdownSignal } from './start/shutdown-signal.js';
import { freePort } from './start/free-port.js';
import { startPicaOrSandbox } from './start/pica-or-sandbox.js';
import { buildScriptTag } from './start/build-script-tag.js';
import { readSettings, secretsIn } from './start/settings.js';
import { buildSite } from './start/build-site.js';

/** Closed in this order: the backend comes first, because it needs the others while it drains. */
const running: { close(): Promise<void> }[] = [];

const shutdown = shutdownSignal(report);
const shutdownRequested = once(shutdown, 'abort');

try {
  const address = await start();
  // Even after Ctrl+C, let the start finish: a database that is interrupted while it first writes its files can't be
  // opened again.
  if (!shutdown.aborted) console.log(`\n  ${address}\n\nCtrl+C ends it.`);
  await shutdownRequested;
} catch (error) {
  console.error(error instanceof StartError ? `\n${error.message}` : error);
  process.exitCode = 1;
} finally {
  for (const part of running) await part.close();
}
process.exit();

async function start(): Promise<string> {
  const settings = readSettings(process.env);
  exitOnUncaughtError(createLog(settings.logLevel, secretsIn(settings)));
  await buildScriptTag(report);
  const port = await freePort('The page', settings.port, report);
  const pages = [...localOrigins(port), ...settings.origins];
  const pica = await startPicaOrSandbox(settings, pages, report);
  if (pica.sandbox) running.push(pica.sandbox);

  const faultyPort = await freePort('The faulty token endpoints', settings.faultyPort, report);
  const faulty = await startFaultyEndpoints(faultyPort);
  running.push(faulty);

  report('Opening the database. The first time this takes about ten seconds.');
  // In parallel with opening the database, because both take time at the first start.
  const site = buildSite(report).catch((error: unknown) =>
    report(`The playground and the gallery could not be built: ${String(error)}`),
  );
  const built = {
    docs: docsFolder,
    playground: folder('pages/playground/dist'),
    gallery: folder('pages/gallery/dist'),
  };
  // serveStatic() logs an error for a folder that doesn't exist yet.
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

  const docs = await buildDocs(report);
  if (docs) running.push(docs);
  return backend.origin;
}

function report(progress: string): void {
  console.log(progress);
}

function folder(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
