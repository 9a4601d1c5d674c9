import { holdInWindow } from '../../authkit/own-window.js';
import type * as OwnWindow from '../../authkit/own-window.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.sibling')] = {
  holdInWindow,
} satisfies typeof OwnWindow;
