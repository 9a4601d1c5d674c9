import { warn } from '../log.js';

/** The names of the files in `src/locales`, without English, separated by spaces. Inserted by vite.config.ts. */
declare const LOCALE_NAMES: string;

/** Locales that have not been requested yet. */
const available = new Set(LOCALE_NAMES.split(' '));

/**
 * Loads each locale once, when an element first needs it. The file registers itself.
 * @param load runs a file from the folder `locales`.
 */
export const localeLoader =
  (load: (name: string) => Promise<unknown>) =>
  (name: string): void => {
    if (!available.delete(name)) return;
    load(name).catch(() => warn(`locales/${name}.js could not be loaded, so texts stay English.`));
  };
