import { html, nothing, type TemplateResult } from 'lit';
import { en } from '../locales/en.js';
import { shorten } from './entries.js';
import type { ConnectionsLoader } from './loader.js';
import type { ListSearch } from './search.js';

/** How many rows are expected before it is known how many there are. */
const expectedRows = [1, 2, 3];

/** A place for text: spaces, so that it is as high as text is, whatever the page does to the parts. */
const renderBar = (letters: number) => html`<span class="bar">${'\u00A0'.repeat(letters)}</span>`;

/** Rows of the parts that real ones have, and so of their height: nothing moves when those come. */
function renderSkeleton(): TemplateResult {
  return html`<div class="skeleton">
    ${renderSpoken(en.loadingConnections)}
    <ul class="box" aria-hidden="true">
      ${expectedRows.map(
        () =>
          html`<li part="item placeholder">
            <span part="logo"></span>
            <div class="what">
              <bdi part="name">${renderBar(16)}</bdi>
              <div part="account">${renderBar(32)}</div>
            </div>
            <div class="how">
              <span part="state">${renderBar(20)}</span><time>${renderBar(28)}</time>
            </div>
            <div part="actions"><button type="button" disabled>${renderBar(20)}</button></div>
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

/** That something was connected here and could not be saved, with Retry. */
export function renderUnsaved(onRetry: () => void): TemplateResult {
  return html`<div part="message" class="box trouble" role="alert">
    <span>${en.unsaved}</span>
    <button type="button" @click=${onRetry}>${en.retry}</button>
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
