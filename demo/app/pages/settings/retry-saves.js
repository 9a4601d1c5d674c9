// @ts-check

/**
 * Shows why a connection was not saved, and lets the user retry.
 * @param {HTMLElement} page
 */
export function showUnsavedNotice(page) {
  const notice = /** @type {HTMLElement} */ (page.querySelector('#unsaved'));
  const text = /** @type {HTMLElement} */ (notice.querySelector('span'));
  const retryButton = /** @type {HTMLElement} */ (notice.querySelector('button'));
  /** @type {Set<import('../../../../src/classes.js').PicaConnectButton | import('../../../../src/classes.js').PicaConnectionsList>} */
  const waiting = new Set();

  page.addEventListener('pica-error', ({ detail: { error }, target }) => {
    if (error.code !== 'save-failed') return;
    waiting.add(/** @type {import('../../../../src/classes.js').PicaConnectButton} */ (target));
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    const what = error.connection?.name ?? error.connection?.platform ?? 'The account';
    text.textContent = `${what} is connected, but not saved yet. ${reason}`;
    notice.hidden = false;
  });
  retryButton.addEventListener('click', () => {
    notice.hidden = true;
    for (const button of waiting) button.retrySave();
    waiting.clear();
  });
}
