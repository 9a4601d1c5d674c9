import { WindowSurface } from '../../authkit/window-surface.js';
import type * as WindowSurfaceModule from '../../authkit/window-surface.js';

(globalThis as Record<symbol, unknown>)[Symbol.for('pica-connect.sibling')] = {
  WindowSurface,
} satisfies typeof WindowSurfaceModule;
