import { warn } from '../log.js';
import { loadScript, loadSibling } from './import-sibling.js';

/** The names of the files in `src/locales`, without English, separated by spaces. Inserted by vite.config.ts. */
declare const LOCALE_NAMES: string;

/** Languages that have not been requested yet. */
const available = new Set(LOCALE_NAMES.split(' '));

/** Loads a language, once, from `locales/` next to the one-file build. The file registers itself. */
export function loadLocale(name: string): void {
  if (!available.delete(name)) return;
  loadSibling<Record<string, string>>('languages')
    .then((hashes) => loadScript(`locales/${name}.js`, hashes[name]))
    .catch(() => warn(`locales/${name}.js could not be loaded, so texts stay English.`));
}
