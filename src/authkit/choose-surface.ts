import { PicaError } from '../errors.js';
import type { DialogSurface } from './dialog-surface.js';
import type { openWindow } from './embedding.js';
import type { Surface } from './surface.js';
import type { WindowSurface } from './window-surface.js';

/** Loaders of code that this folder cannot import, because it is above this folder or loaded only when needed. */
export interface SurfaceLoaders {
  loadWindowSurface: () => Promise<{ WindowSurface: typeof WindowSurface }>;
  /** `diagnoseFrame` says why AuthKit can be opened neither in this frame nor in a window of its own. */
  loadDiagnosis: () => Promise<{
    diagnoseFrame: () => Pick<PicaError, 'code' | 'message' | 'hint'>;
  }>;
}

/**
 * Chooses what AuthKit's frame is put into: the dialog, or a window of its own where this page is a frame without room
 * for AuthKit.
 * @param view from `openWindow()`.
 * @param onEnd registers what to do when the session ends, even if the surface has not been loaded by then.
 * @returns a promise only for a surface that has to be loaded. It rejects with a `PicaError` if there is no way to open
 *   AuthKit.
 */
export function chooseSurface(
  dialog: DialogSurface,
  view: ReturnType<typeof openWindow>,
  { loadWindowSurface, loadDiagnosis }: SurfaceLoaders,
  onEnd: (cleanup: () => void) => void,
): Surface | Promise<Surface> {
  if (view === undefined) return dialog;
  if (!view) return rejectWithReason(loadDiagnosis);
  const closeWindow = () => {
    view.close();
  };
  onEnd(closeWindow);
  return loadWindowSurface().then(
    ({ WindowSurface }) => {
      if (!view.closed) return new WindowSurface(view, dialog);
      dialog.options.onCancel();
      return dialog;
    },
    () => {
      // If the class cannot be loaded, a frame that is too small is still better than nothing.
      closeWindow();
      return dialog;
    },
  );
}

async function rejectWithReason(loadDiagnosis: SurfaceLoaders['loadDiagnosis']): Promise<never> {
  const { code, message, hint } = await loadDiagnosis().then(
    ({ diagnoseFrame }) => diagnoseFrame(),
    () => ({
      code: 'authkit-blocked' as const,
      message: 'This frame may not open a window.',
      hint: 'Give it allow-popups and allow-same-origin.',
    }),
  );
  throw new PicaError(code, message, { hint });
}
