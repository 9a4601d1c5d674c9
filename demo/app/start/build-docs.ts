import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beginBuild, docsBuild, isUpToDate } from '../../../.config/build-records.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const docs = join(root, 'demo', 'docs');

/** The built site that the demo serves. */
export const docsFolder = join(docs, '.vitepress', 'dist');

const waiting = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <meta http-equiv="refresh" content="3" />
  <title>Documentation – pica-connect</title>
  <link rel="stylesheet" href="/theme.css" />
  <body style="padding: 2rem">
    <h1>The documentation is being built</h1>
    <p>It appears here by itself, in half a minute or so.</p>
  </body>
</html>
`;

/**
 * Builds the documentation in the background, unless it is up to date. Until then, the previous build is served, or a
 * page that says that the build is running. The build has its own process, which can be killed at any time.
 */
export async function buildDocs(
  report: (progress: string) => void,
): Promise<{ close(): Promise<void> } | undefined> {
  if (isUpToDate(docsBuild)) return undefined;

  report('Building the documentation meanwhile.');
  const record = beginBuild(docsBuild);
  const first = join(docsFolder, 'index.html');
  if (!existsSync(first)) {
    await mkdir(docsFolder, { recursive: true });
    await writeFile(first, waiting);
  }
  const building = join(docs, '.vitepress', 'cache', `site-${process.pid}`);
  const vitepress = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  const child = spawn(process.execPath, [vitepress, 'build', docs, '--outDir', building], {
    cwd: root,
    stdio: 'ignore',
  });
  const finished = (async () => {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code === 0) {
      await rm(docsFolder, { recursive: true });
      await rename(building, docsFolder);
      record();
      report('The documentation is built.');
      return;
    }
    await rm(building, { recursive: true, force: true });
    // If close() killed it, there is no exit code.
    if (code !== null)
      report('The documentation could not be built: npm run build -- docs says why.');
  })();
  return {
    close: async () => {
      child.kill();
      await finished;
    },
  };
}
