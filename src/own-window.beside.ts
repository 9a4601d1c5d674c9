import type * as OwnWindow from './authkit/own-window.js';
import { loadSibling } from './script-tag/import-sibling.js';

/** As in own-window.ts, for the one-file build: from a file that lies beside it. */
export const loadOwnWindow = () => loadSibling<typeof OwnWindow>('window');
