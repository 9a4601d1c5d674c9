import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Bundles a script and its imports, as a host's bundler does. The script imports the built package by its name. */
export async function bundle(script: string): Promise<string> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  // Inside the repository, where the package can import itself by name.
  await mkdir(join(root, '.test-results'), { recursive: true });
  const folder = await mkdtemp(join(root, '.test-results', 'bundle-'));
  try {
    await writeFile(join(folder, 'in.js'), script);
    await build({
      root,
      configFile: false,
      logLevel: 'warn',
      build: {
        outDir: join(folder, 'out'),
        rolldownOptions: {
          input: join(folder, 'in.js'),
          output: { entryFileNames: 'out.js', codeSplitting: false },
        },
      },
    });
    return await readFile(join(folder, 'out', 'out.js'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
