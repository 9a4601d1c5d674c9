/**
 * What only `preload="page"` needs: AuthKit's page ahead of the click. It is loaded when it is first needed;
 * rejects where it cannot be.
 */
export const loadPreload = () => import('./authkit/preload.js');
