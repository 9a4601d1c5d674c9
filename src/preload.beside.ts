import type * as Preload from './authkit/preload.js';
import { importBeside } from './beside.js';

/** As in preload.ts, for the one-file build: from a file that lies beside it. */
export const loadPreload = () => importBeside<typeof Preload>('pica-connect.preload.js');
