import type * as WindowSurface from '../authkit/window-surface.js';
import type * as Preload from '../connect/preload.js';
import type * as Diagnosis from '../diagnosis/index.js';
import { loadChunk } from './load-chunk.js';

/* Replaces src/lazy.ts in the one-file build. It loads the same parts from the one file's folder. */

export const loadDiagnosis = () => loadChunk<typeof Diagnosis>('diagnosis');

/* Parts of the one file that don't run before they are needed. */
export const loadOpener = () => import('../connect/opener.js');
export const loadListActions = () => import('../connections-list/list-actions.js');

export const loadPreload = () => loadChunk<typeof Preload>('preload');

export const loadWindowSurface = () => loadChunk<typeof WindowSurface>('window');
