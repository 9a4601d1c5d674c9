import { buildSandbox } from '../../demo/app/site/build.js';
import { docsFolder } from '../../demo/app/start/build-docs.js';
import { runUntilShutdown } from '../../demo/app/start/run-until-shutdown.js';
import { startServers } from '../../demo/app/start/servers.js';
import { readSettings } from '../../demo/app/start/settings.js';
import { startPages } from './pages.js';

/*
 * npm run dev starts the same demo as `npm run demo`, but serves the elements and the pages from their sources and
 * reloads the page at every save. Restart it after changes to the backend or the sandbox's server.
 */

await runUntilShutdown(async (running, report) => {
  const { pagePort, backend } = await startServers(
    {
      settings: readSettings(process.env),
      staticFolders: { '/docs': docsFolder },
      // Vite serves the page and passes requests for /api and /docs on to the backend.
      backendPort: 0,
    },
    running,
    report,
  );
  await buildSandbox();
  running.push(await startPages({ port: pagePort, backend: backend.origin }));
  return `\n  http://127.0.0.1:${pagePort}\n\nPlayground: /playground/. Ctrl+C ends it.`;
});
