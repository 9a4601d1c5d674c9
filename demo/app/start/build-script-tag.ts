import { fileURLToPath } from 'node:url';
import { beginBuild, isUpToDate, scriptTagBuild } from '../../../.config/build-records.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Builds `pica-connect.min.js` and the files that it loads, unless they are up to date. */
export async function buildScriptTag(report: (progress: string) => void): Promise<void> {
  if (isUpToDate(scriptTagBuild)) return;

  report('Building dist/pica-connect.min.js.');
  const record = beginBuild(scriptTagBuild);
  // Imported late, because loading Vite takes longer than everything else here.
  const { build } = await import('vite');
  // The order matters: each build contains the hashes of the previous ones.
  for (const mode of ['production', 'script-tag-chunks', 'script-tag']) {
    await build({ root, mode, logLevel: 'warn' });
  }
  record();
}
