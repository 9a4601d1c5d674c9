import { html, nothing, type TemplateResult } from 'lit';
import type { Locale } from '../localization/locale.js';
import { listener } from '../hardening/prototype-pollution.js';
import { shorten } from './sorted-entries.js';
import type { ConnectionsLoader } from './loader.js';
import { timeOfDay } from './relative-time.js';
import type { ListSearch } from './search.js';
import { renderSkeleton } from './skeleton.js';

/** Returns the content of a list without rows: the loading skeleton, or the message for an empty list. */
export function renderNoRows(
  loader: ConnectionsLoader,
  search: ListSearch,
  locale: Locale,
): TemplateResult | typeof nothing {
  if (loader.hasFailed('connections-url')) return nothing;
  if (!loader.isKnown) return renderSkeleton(locale);
  if (search.isActive) return nothing;
  return html`<div part="message" class="box">
    <slot name="empty"><bdi>${locale.text('noConnections')}</bdi></slot>
  </div>`;
}

/** Returns the message for a failed load, with Retry. Earlier rows stay, so the message tells how old they are. */
export function renderFailures(
  loader: ConnectionsLoader,
  hasRows: boolean,
  locale: Locale,
): TemplateResult | typeof nothing {
  const hasNoConnections = loader.hasFailed('connections-url');
  if (!hasNoConnections && !loader.hasFailed('integrations-url')) return nothing;
  // The text changes during a retry, so that a second failure is noticed and announced again.
  const text = loader.isBusy
    ? locale.text('loadingConnections')
    : hasNoConnections
      ? hasRows && loader.loadedAt !== undefined
        ? locale.text('refreshFailed', { time: timeOfDay(loader.loadedAt, locale) })
        : locale.text('loadFailed')
      : locale.text('integrationsFailed');
  return renderError(locale, text, () => void loader.load());
}

function renderError(locale: Locale, text: string, onRetry: () => void): TemplateResult {
  return html`<div part="message" class="box error" role="alert">
    <span>${text}</span>
    <button type="button" @click=${listener(onRetry)}>${locale.text('retry')}</button>
  </div>`;
}

/** Returns the message for a Connect or Reconnect that had no effect. The user can click it again. */
export const renderOpenFailed = (locale: Locale): TemplateResult =>
  html`<div part="message" class="box error" role="alert">
    <span>${locale.text('openFailed')}</span>
  </div>`;

/** Returns the message for a search without results, with a button that clears the search. */
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
