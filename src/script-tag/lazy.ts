import type * as Preload from '../connect/preload.js';
import type * as Diagnosis from '../diagnosis/index.js';
import { loadChunk } from './load-chunk.js';

/*
 * Replaces src/lazy.ts in the one-file build. The file contains all that a user needs, and loads the other parts from its
 * folder.
 */

export const loadDiagnosis = () => loadChunk<typeof Diagnosis>('diagnosis');

const loadLater = () => import('./later.js');

export const loadOpener = loadLater;

export const loadListActions = loadLater;

export const loadPreload = () => loadChunk<typeof Preload>('preload');

export const loadWindowSurface = loadLater;
