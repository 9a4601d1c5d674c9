import { fileURLToPath } from 'node:url';
import { modifiedAt, newestIn } from './modification-times.js';

const place = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const built = ['playground', 'gallery'].map((name) =>
  place(`demo/app/pages/${name}/dist/index.html`),
);
const ingredients = [
  ...[
    'demo/app/pages/playground',
    'demo/app/pages/gallery',
    'demo/sandbox',
    'demo/app/site',
    'demo/app/pages/settings',
  ],
  ...['src/locales', 'custom-elements.json', 'package.json', 'dist/pica-connect.min.js'],
].map(place);

/** Builds the pages that are made of plain files, unless they are there and newer than what they are made of. */
export async function buildSite(say: (progress: string) => void): Promise<void> {
  const changed = Math.max(...(await Promise.all(ingredients.map(newestIn))));
  const oldest = Math.min(...(await Promise.all(built.map(modifiedAt))));
  if (oldest > changed) return;

  say('Building the playground and the gallery.');
  // Only now: loading Vite takes longer than all else here.
  const { buildSite: build } = await import('../site/build.js');
  await build();
}
