import type * as Preload from './authkit/preload.js';
import { loadSibling } from './script-tag/import-sibling.js';

/** As in preload.ts, for the one-file build: from a file that lies beside it. */
export const loadPreload = () => loadSibling<typeof Preload>('preload');
