import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildDocs, docsFolder } from './start/build-docs.js';
import { buildScriptTag } from './start/build-script-tag.js';
import { buildSite } from './start/build-site.js';
import { runUntilShutdown } from './start/run-until-shutdown.js';
import { startServers } from './start/servers.js';
import { readSettings } from './start/settings.js';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await runUntilShutdown(async (running, report) => {
  const settings = readSettings(process.env);
  await buildScriptTag(report);
  const built = {
    '/docs': docsFolder,
    '/playground': folder('pages/playground/dist'),
    '/gallery': folder('pages/gallery/dist'),
  };
  // serveStatic() logs an error for a folder that doesn't exist yet.
  for (const path of Object.values(built)) await mkdir(path, { recursive: true });
  const staticFolders = {
    '/': folder('pages/settings'),
    '/dist': folder('../../dist'),
    '/doctor': folder('pages/doctor'),
    ...built,
  };
  // In parallel with opening the database, because both take time at the first start.
  const site = buildSite(report).catch((error: unknown) =>
    report(`The playground and the gallery could not be built: ${String(error)}`),
  );
  const { backend } = await startServers({ settings, staticFolders }, running, report);
  await site;

  const docs = await buildDocs(report);
  if (docs) running.push(docs);
  return `\n  ${backend.origin}\n\nCtrl+C ends it.`;
});
