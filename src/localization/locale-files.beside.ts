import { warn } from '../log.js';
import { loadScript, loadSibling } from '../script-tag/import-sibling.js';

const names = new Set('ar cs da de es fr he hi it ja ko nl pl pt-BR sv tr zh-CN zh-TW'.split(' '));

/** As in locale-files.ts, for the one-file build: fetches a language that there is, once. */
export const fetchLocale = (name: string): void => {
  if (!names.delete(name)) return;
  // It makes itself known.
  loadSibling<Record<string, string>>('languages')
    .then((hashes) => loadScript(`locales/${name}.js`, hashes[name]))
    .catch(() => warn(`locales/${name}.js could not be loaded, so texts stay English.`));
};

export const fetchesLocales = true as boolean;
