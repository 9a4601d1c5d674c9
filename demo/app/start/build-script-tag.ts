import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modifiedAt, lastModifiedIn } from './modification-times.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const built = join(root, 'dist', 'pica-connect.min.js');

/** Builds `pica-connect.min.js` and the files that it loads, if it is missing or older than its sources. */
export async function buildScriptTag(report: (progress: string) => void): Promise<void> {
  const sources = ['src', '.config/vite', 'package.json', 'vite.config.ts'].map((name) =>
    join(root, name),
  );
  const changed = Math.max(...(await Promise.all(sources.map(lastModifiedIn))));
  if ((await modifiedAt(built)) > changed) return;

  report('Building dist/pica-connect.min.js.');
  // Imported late, because loading Vite takes longer than everything else here.
  const { build } = await import('vite');
  // The order matters: each build contains the hashes of the previous ones.
  for (const mode of ['production', 'script-tag-chunks', 'script-tag']) {
    await build({ root, mode, logLevel: 'warn' });
  }
}
