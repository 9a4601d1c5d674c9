import { fileURLToPath } from 'node:url';
import { modifiedAt, lastModifiedIn } from './modification-times.js';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const built = ['playground', 'gallery'].map((name) =>
  fromRoot(`demo/app/pages/${name}/dist/index.html`),
);
const sources = [
  ...[
    'demo/app/pages/playground',
    'demo/app/pages/gallery',
    'demo/sandbox',
    'demo/app/site',
    'demo/app/pages/settings',
  ],
  ...['src/locales', 'custom-elements.json', 'package.json', 'dist/pica-connect.min.js'],
].map(fromRoot);

/** Builds the playground and the gallery, if one is missing or older than their sources. */
export async function buildSite(report: (progress: string) => void): Promise<void> {
  const changed = Math.max(...(await Promise.all(sources.map(lastModifiedIn))));
  const oldest = Math.min(...(await Promise.all(built.map(modifiedAt))));
  if (oldest > changed) return;

  report('Building the playground and the gallery.');
  // Imported late, because loading Vite takes longer than everything else here.
  const { buildSite: build } = await import('../site/build.js');
  await build();
}
