import { warn } from '../log.js';
import { loadScript, loadSibling } from './import-sibling.js';

/** The languages that are still to be loaded. */
const available = new Set(
  'ar cs da de es fr he hi it ja ko nl pl pt-BR sv tr zh-CN zh-TW'.split(' '),
);

/** Loads a language from `locales/` next to the one-file build, once; its file registers itself. */
export function loadLocale(name: string): void {
  if (!available.delete(name)) return;
  loadSibling<Record<string, string>>('languages')
    .then((hashes) => loadScript(`locales/${name}.js`, hashes[name]))
    .catch(() => warn(`locales/${name}.js could not be loaded, so texts stay English.`));
}
