import { warn } from '../log.js';
import { loadScript, loadChunk } from './load-chunk.js';

/** The names of the files in `src/locales`, without English, separated by spaces. Inserted by vite.config.ts. */
declare const LOCALE_NAMES: string;

/** Locales that have not been requested yet. */
const available = new Set(LOCALE_NAMES.split(' '));

/** Loads a locale from the one-file build's folder, once. The file registers itself. */
export function loadLocale(name: string): void {
  if (!available.delete(name)) return;
  loadChunk<Record<string, string>>('languages')
    .then((hashes) => loadScript(`locales/${name}.js`, hashes[name]))
    .catch(() => warn(`locales/${name}.js could not be loaded, so texts stay English.`));
}
