import { loadDiagnosis } from '../lazy.js';
import { PicaError } from '../errors.js';
import { loadOwnWindow } from '../lazy.js';
import { hasNoOrigin, isTooSmall, lacksToken } from './embedding.js';
import type { Modal } from './modal.js';

const isStuck = () => hasNoOrigin() || lacksToken('allow-popups');

/** Whether this page is a frame in which AuthKit cannot be used. */
export const hasToLeaveFrame = (): boolean => isStuck() || isTooSmall();

/**
 * Looks whether this page is a frame in which AuthKit cannot be used, and goes where it can. Must run within
 * the user's click, as a window of its own is blocked otherwise.
 * @param cleanups is given what has to be undone at the end.
 * @returns nothing where AuthKit fits into this page; else settles when it can be opened, or rejects with why not.
 */
export function leaveFrame(
  modal: Modal,
  cleanups: (() => void)[],
  onClose: () => void,
): Promise<void> | undefined {
  if (isStuck()) return explain();
  if (!isTooSmall()) return undefined;
  const view = window.open('', '', 'popup,width=480,height=720') as OwnWindow | null;
  if (!view) return explain();
  cleanups.push(() => {
    view.close();
  });
  return loadOwnWindow().then(
    ({ holdInWindow }) => {
      if (view.closed) onClose();
      else cleanups.push(holdInWindow(modal, view, onClose));
    },
    // Without that file, this frame has to do.
    () => {
      view.close();
    },
  );
}

export type OwnWindow = Window & typeof globalThis;

async function explain(): Promise<never> {
  const { code, message, hint } = await loadDiagnosis().then(
    ({ diagnoseFrame }) => diagnoseFrame(),
    () => ({
      code: 'authkit-blocked' as const,
      message: 'This frame may open no window.',
      hint: 'Give it allow-popups and allow-same-origin.',
    }),
  );
  throw new PicaError(code, message, { hint });
}
