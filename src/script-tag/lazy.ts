import type * as WindowSurface from '../authkit/window-surface.js';
import type * as Preload from '../connect/preload.js';
import type * as Diagnosis from '../diagnosis/index.js';
import { loadSibling } from './import-sibling.js';

/* Replaces src/lazy.ts in the one-file build, which loads its parts from the folder that it came from. */

export const loadDiagnosis = () => loadSibling<typeof Diagnosis>('diagnosis');

export const loadPreload = () => loadSibling<typeof Preload>('preload');

export const loadWindowSurface = () => loadSibling<typeof WindowSurface>('window');
