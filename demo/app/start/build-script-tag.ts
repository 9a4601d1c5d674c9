import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modifiedAt, newestIn } from './modification-times.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const built = join(root, 'dist', 'pica-connect.min.js');

/** Builds the file that the page loads, and the one beside it, unless it is there and newer than what it is made of. */
export async function buildScriptTag(say: (progress: string) => void): Promise<void> {
  const ingredients = ['src', '.config/vite', 'package.json', 'vite.config.ts'].map((name) =>
    join(root, name),
  );
  const changed = Math.max(...(await Promise.all(ingredients.map(newestIn))));
  if ((await modifiedAt(built)) > changed) return;

  say('Building dist/pica-connect.min.js.');
  // Only now: loading Vite takes longer than all else here.
  const { build } = await import('vite');
  // In this order: each carries the hashes of what was built before it.
  for (const mode of ['production', 'beside-script-tag', 'script-tag']) {
    await build({ root, mode, logLevel: 'warn' });
  }
}
