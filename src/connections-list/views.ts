import { html, nothing, type TemplateResult } from 'lit';
import type { Locale } from '../localization/locale.js';
import { listener } from '../hardening/own.js';
import { shorten } from './entries.js';
import type { ConnectionsLoader } from './loader.js';
import { timeOfDay } from './relative-time.js';
import type { ListSearch } from './search.js';

/** How many rows are expected before it is known how many there are. */
const expectedRows = [1, 2, 3];

/** A place for text: spaces, so that it is as high as text is, whatever the page does to the parts. */
const renderBar = (letters: number) => html`<span class="bar">${'\u00A0'.repeat(letters)}</span>`;

/** Rows of the parts that real ones have, and so of their height: nothing moves when those come. */
function renderSkeleton(locale: Locale): TemplateResult {
  return html`<div class="skeleton">
    ${renderSpoken(locale.text('loadingConnections'))}
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
  locale: Locale,
): TemplateResult | typeof nothing {
  if (loader.hasFailed('connections-url')) return nothing;
  if (!loader.isKnown) return renderSkeleton(locale);
  if (search.isOn) return nothing;
  return html`<div part="message" class="box">
    <slot name="empty"><bdi>${locale.text('noConnections')}</bdi></slot>
  </div>`;
}

/** What could not be loaded, with Retry; old rows stay, and are said to be old. */
export function renderFailures(
  loader: ConnectionsLoader,
  hasRows: boolean,
  locale: Locale,
): TemplateResult | typeof nothing {
  const hasNoConnections = loader.hasFailed('connections-url');
  if (!hasNoConnections && !loader.hasFailed('integrations-url')) return nothing;
  // While it loads it says so: a Retry that fails too is told anew then, to the eye and the ear.
  const text = loader.isBusy
    ? locale.text('loadingConnections')
    : hasNoConnections
      ? hasRows && loader.loadedAt !== undefined
        ? locale.text('refreshFailed', { time: timeOfDay(loader.loadedAt, locale) })
        : locale.text('loadFailed')
      : locale.text('integrationsFailed');
  return renderTrouble(locale, text, () => void loader.load());
}

function renderTrouble(locale: Locale, text: string, onRetry: () => void): TemplateResult {
  return html`<div part="message" class="box trouble" role="alert">
    <span>${text}</span>
    <button type="button" @click=${listener(onRetry)}>${locale.text('retry')}</button>
  </div>`;
}

/** What is in the way of rows, and a way to all of them. */
export function renderNothingFound(
  search: ListSearch,
  locale: Locale,
  onClear: () => void,
): TemplateResult {
  const query = shorten(search.query);
  const category = shorten(search.category);
  const text = !category
    ? locale.text('nothingFoundFor', { query })
    : query
      ? locale.text('nothingFoundForIn', { query, category })
      : locale.text('nothingFoundIn', { category });
  return html`<div part="message" class="box">
    <span>${text}</span>
    <button type="button" @click=${listener(onClear)}>${locale.text('clearSearch')}</button>
  </div>`;
}

/** What is said to assistive technology, when it changes. */
export function renderSpoken(text: string): TemplateResult {
  return html`<span class="spoken" role="status">${text}</span>`;
}
