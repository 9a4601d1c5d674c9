import { createLog } from '../backend/log.js';
import { startBackend, type Backend } from '../backend/server.js';
import { exitOnUncaughtError } from '../backend/uncaught-error.js';
import { localOrigins } from '../http/own-origins.js';
import { startFaultyEndpoints } from './faulty-endpoints.js';
import { freePort } from './free-port.js';
import { startPicaOrSandbox } from './pica-or-sandbox.js';
import type { Report, Running } from './run-until-shutdown.js';
import { secretsIn, type Settings } from './settings.js';

interface ServerOptions {
  settings: Settings;
  /** URL prefix → folder, for the files that the backend serves. */
  staticFolders: Record<string, string>;
  /** Default: the page's port, as the backend serves the page. 0 takes any free one. */
  backendPort?: number;
}

/** Starts the backend and the servers that it needs, and adds them to `running`. */
export async function startServers(
  { settings, staticFolders, backendPort }: ServerOptions,
  running: Running[],
  report: Report,
): Promise<{ pagePort: number; backend: Backend }> {
  exitOnUncaughtError(createLog(settings.logLevel, secretsIn(settings)));
  const pagePort = await freePort('The page', settings.port, report);
  const pages = [...localOrigins(pagePort), ...settings.origins];
  const pica = await startPicaOrSandbox(settings, pages, report);
  if (pica.sandbox) running.push(pica.sandbox);

  const faultyPort = await freePort('The faulty token endpoints', settings.faultyPort, report);
  const faulty = await startFaultyEndpoints(faultyPort);
  running.push(faulty);

  report('Opening the database. The first time this takes about ten seconds.');
  const backend = await startBackend({
    ...settings,
    ...pica,
    port: backendPort ?? pagePort,
    pageConfig: { ...pica.pageConfig, faulty: faulty.origin },
    staticFolders,
  });
  running.push(backend);
  return { pagePort, backend };
}
