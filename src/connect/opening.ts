import type { openWindow } from '../authkit/embedding.js';
import type { Connection } from '../connection.js';
import type { CloseReason } from '../events.js';
import type { StoreOptions } from '../endpoints/store.js';

/** From `pica-open` to `pica-close`. */
export interface Opening {
  readonly selectedConnection: string | undefined;
  /** Of the user who opened it: the element's `identity` may change before AuthKit closes. */
  readonly openedFor: StoreOptions;
  /** The window for AuthKit, from `openWindow()`. */
  view?: ReturnType<typeof openWindow>;
  readonly closed: Promise<Connection | null>;
  readonly settle: (connection: Connection | null) => void;
  isVisible: boolean;
  /** Gives up the document that this opening claimed while the code that opens AuthKit was loading. */
  release?: () => void;
  /** Undefined until the code that opens AuthKit has loaded. */
  session?: { end: (reason: CloseReason) => void };
}
