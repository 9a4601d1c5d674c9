import { Preload } from '../../connect/preload.js';
import type * as PreloadModule from '../../connect/preload.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.chunk')] = {
  Preload,
} satisfies typeof PreloadModule;
