import { setLocaleLoader } from '../localization/registry.js';
import { loadChunk, loadScript } from './load-chunk.js';
import { localeLoader } from './load-locale.js';
import './start.js';

/* The one-file build: `dist/pica-connect.min.js`. */

setLocaleLoader(
  localeLoader(async (name) => {
    const hashes = await loadChunk<Record<string, string>>('languages');
    await loadScript(`locales/${name}.js`, hashes[name]);
  }),
);
