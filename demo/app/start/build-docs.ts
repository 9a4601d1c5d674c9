import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const docs = join(root, 'demo', 'docs');

/** The built site that the demo serves. */
export const docsFolder = join(docs, '.vitepress', 'dist');

/** VitePress writes this file last, so its age is the age of the whole build. */
const lastWritten = join(docsFolder, 'hashmap.json');

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
 * Builds the documentation in the background, if it is missing or older than its sources. Until then, the previous
 * build is served, or a page that says that the build is running. It runs in a process of its own, which can be killed
 * at any time.
 */
export async function buildDocs(
  report: (progress: string) => void,
): Promise<{ close(): Promise<void> } | undefined> {
  if ((await modifiedAt(lastWritten)) > (await changedAt())) return undefined;

  report('Building the documentation meanwhile.');
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

async function changedAt(): Promise<number> {
  const sources = await readdir(docs, { recursive: true });
  const inputs = [
    ...sources
      .filter((path) => !/^\.vitepress[\\/](dist|cache|\.temp)[\\/]/.test(path))
      .map((path) => join(docs, path)),
    join(root, 'demo/app/pages/settings/theme.css'),
    join(root, 'custom-elements.json'),
    join(root, 'package.json'),
  ];
  return Math.max(...(await Promise.all(inputs.map(modifiedAt))));
}

/** 0 for missing files. Also for folders, because their times change with every build in them. */
async function modifiedAt(path: string): Promise<number> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats.mtimeMs : 0;
}
