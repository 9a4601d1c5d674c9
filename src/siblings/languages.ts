/** The hashes of the languages that were released with the one-file build, by name. Written in by vite.config.ts. */
declare const LOCALE_HASHES: Record<string, string>;

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.sibling')] = LOCALE_HASHES;
