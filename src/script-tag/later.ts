/* What the one file contains, but doesn't run before it is needed: one part, because two would share most of their code. */
export { WindowSurface } from '../authkit/window-surface.js';
export { Opener, runChecks } from '../connect/opener.js';
export { ListActions } from '../connections-list/list-actions.js';
