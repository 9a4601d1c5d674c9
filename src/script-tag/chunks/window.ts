import { WindowSurface } from '../../authkit/window-surface.js';
import type * as WindowSurfaceModule from '../../authkit/window-surface.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.chunk')] = {
  WindowSurface,
} satisfies typeof WindowSurfaceModule;
