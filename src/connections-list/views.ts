import { html, nothing, type TemplateResult } from 'lit';
import { en } from '../locales/en.js';
import type { ConnectionsLoader } from './loader.js';

/** Rows of the height that real ones have, so that nothing moves when those come. */
export function renderSkeleton(): TemplateResult {
  return html`<div class="skeleton">
    <span class="spoken" role="status">${en.loadingConnections}</span>
    <ul class="box" aria-hidden="true">
      ${[1, 2, 3].map(
        () =>
          html`<li>
            <span part="logo"></span>
            <div class="what"></div>
          </li>`,
      )}
    </ul>
  </div>`;
}

const times = new Intl.DateTimeFormat('en', { timeStyle: 'short' });

/** What could not be loaded, with Retry; old rows stay, and are said to be old. */
export function renderFailures(
  loader: ConnectionsLoader,
  hasRows: boolean,
  onRetry: () => void,
): TemplateResult | typeof nothing {
  const hasNoConnections = loader.hasFailed('connections-url');
  if (!hasNoConnections && !loader.hasFailed('integrations-url')) return nothing;
  const text = hasNoConnections
    ? hasRows && loader.loadedAt !== undefined
      ? en.refreshFailed(times.format(loader.loadedAt))
      : en.loadFailed
    : en.integrationsFailed;
  return html`<div part="message" class="box trouble" role="alert">
    <span>${text}</span> <button type="button" @click=${onRetry}>${en.retry}</button>
  </div>`;
}

export function renderNothingFound(query: string, onClear: () => void): TemplateResult {
  return html`<div part="message" class="box">
    <span>${en.nothingFound(query)}</span>
    <button type="button" @click=${onClear}>${en.clearSearch}</button>
  </div>`;
}
