/** The hashes of the locale files released with the one-file build, by name. Inserted by vite.config.ts. */
declare const LOCALE_HASHES: Record<string, string>;

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.chunk')] = LOCALE_HASHES;
