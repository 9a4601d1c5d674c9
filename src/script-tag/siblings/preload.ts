import { Preload } from '../../authkit/preload.js';
import type * as PreloadModule from '../../authkit/preload.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.sibling')] = {
  Preload,
} satisfies typeof PreloadModule;
