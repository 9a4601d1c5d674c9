import { html, nothing, type TemplateResult } from 'lit';
import { en } from '../locales/en.js';
import { shorten } from './entries.js';
import type { ConnectionsLoader } from './loader.js';
import type { ListSearch } from './search.js';

/** Rows of the height that real ones have, so that nothing moves when those come. */
function renderSkeleton(): TemplateResult {
  return html`<div class="skeleton">
    ${renderSpoken(en.loadingConnections)}
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

/** What is shown where rows would be. */
export function renderNoRows(
  loader: ConnectionsLoader,
  search: ListSearch,
): TemplateResult | typeof nothing {
  if (loader.hasFailed('connections-url')) return nothing;
  if (!loader.isKnown) return renderSkeleton();
  if (search.isOn) return nothing;
  return html`<div part="message" class="box">
    <slot name="empty"><bdi>${en.noConnections}</bdi></slot>
  </div>`;
}

const times = new Intl.DateTimeFormat('en', { timeStyle: 'short' });

/** What could not be loaded, with Retry; old rows stay, and are said to be old. */
export function renderFailures(
  loader: ConnectionsLoader,
  hasRows: boolean,
): TemplateResult | typeof nothing {
  const hasNoConnections = loader.hasFailed('connections-url');
  if (!hasNoConnections && !loader.hasFailed('integrations-url')) return nothing;
  const text = hasNoConnections
    ? hasRows && loader.loadedAt !== undefined
      ? en.refreshFailed(times.format(loader.loadedAt))
      : en.loadFailed
    : en.integrationsFailed;
  return html`<div part="message" class="box trouble" role="alert">
    <span>${text}</span>
    <button type="button" @click=${() => void loader.load()}>${en.retry}</button>
  </div>`;
}

/** What is in the way of rows, and a way to all of them. */
export function renderNothingFound(search: ListSearch, onClear: () => void): TemplateResult {
  return html`<div part="message" class="box">
    <span>${en.nothingFound(shorten(search.query), shorten(search.category))}</span>
    <button type="button" @click=${onClear}>${en.clearSearch}</button>
  </div>`;
}

/** What is said to assistive technology, when it changes. */
export function renderSpoken(text: string): TemplateResult {
  return html`<span class="spoken" role="status">${text}</span>`;
}
