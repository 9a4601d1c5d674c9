/**
 * What only a frame too small for AuthKit needs: the window in which it opens instead. It is loaded when it
 * is first needed; rejects where it cannot be.
 */
export const loadOwnWindow = () => import('./authkit/own-window.js');
