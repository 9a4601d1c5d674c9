import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const built = join(root, 'dist', 'pica-connect.min.js');

/** Builds the file that the page loads, unless it is there and newer than what it is made of. */
export async function buildScriptTag(say: (progress: string) => void): Promise<void> {
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const ingredients = [
    ...sources.map((source) => join(root, 'src', source)),
    join(root, 'package.json'),
    join(root, 'vite.config.ts'),
  ];
  const changed = Math.max(...(await Promise.all(ingredients.map(modifiedAt))));
  if ((await modifiedAt(built)) > changed) return;

  say('Building dist/pica-connect.min.js.');
  // Only now: loading Vite takes longer than all else here.
  const { build } = await import('vite');
  await build({ root, mode: 'script-tag', logLevel: 'warn' });
}

/** 0 for a file that does not exist. */
async function modifiedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}
