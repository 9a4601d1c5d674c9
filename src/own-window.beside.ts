import type * as OwnWindow from './authkit/own-window.js';
import { importBeside } from './beside.js';

/** As in own-window.ts, for the one-file build: from a file that lies beside it. */
export const loadOwnWindow = () => importBeside<typeof OwnWindow>('pica-connect.window.js');
