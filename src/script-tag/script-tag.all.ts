/// <reference types="vite/types/importMeta.d.ts" />
import './start.js';

/* The one-file build with every language and every part: `dist/pica-connect.all.min.js`. */

// Each file registers itself.
import.meta.glob(['../locales/*.ts', '!../locales/en.ts'], { eager: true });
