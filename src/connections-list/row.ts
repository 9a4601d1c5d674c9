import { html, nothing, type TemplateResult } from 'lit';
import type { Locale } from '../localization/locale.js';
import { listener, own } from '../hardening/prototype-pollution.js';
import type { RowPhase } from './disconnecting.js';
import type { Entry } from './sorted-entries.js';
import { repeatByKey } from './repeat-by-key.js';
import { exactTime, relativeTime } from './relative-time.js';
import { type RowState, rowStates } from './row-states.js';

/** What a button of a row or an offer does: its `data-action`. */
export type Action = 'retry' | 'reconnect' | 'ask' | 'confirm' | 'back' | 'connect';

/** Browsers skip the layout and painting of off-screen rows in lists above this length. */
const isLong = (entries: readonly Entry[]) => entries.length > 100;

/** Renders the connections. */
export function renderRows(
  entries: readonly Entry[],
  phaseOf: (key: string) => RowPhase | undefined,
  locale: Locale,
): TemplateResult {
  const now = Date.now();
  const long = isLong(entries);
  return html`<ul part="list" class=${long ? 'box long' : 'box'}>
    ${repeatByKey(
      entries.map((entry) => {
        const { key } = entry.connection;
        return [key, renderRow(entry, phaseOf(key), now, long, locale)];
      }),
    )}
  </ul>`;
}

/**
 * Renders one connection. There may be thousands, so a row has few nodes and bindings and no listener, and its icon comes
 * from CSS.
 */
function renderRow(
  entry: Entry,
  phase: RowPhase | undefined,
  now: number,
  long: boolean,
  locale: Locale,
): TemplateResult {
  const { connection, state, integration, name, account, label } = entry;
  const { key } = connection;
  const [, , icon] = rowStates[state];
  return html`<li
    part="item"
    class=${`${state} ${icon}`}
    data-key=${key}
    aria-label=${long ? label : nothing}
    aria-busy=${phase === 'deleting' || nothing}
  >
    ${renderLogo(name, integration && own(integration, 'image'))}
    <div class="names">
      ${
        // No binding around the space: Chromium 156 drops a space next to Lit's comment from the accessibility tree.
        connection.environment !== 'test'
          ? html`<bdi part="name">${name}</bdi>`
          : html`<bdi part="name">${name}</bdi>&#32;<span part="environment"
                >${locale.text('test')}</span
              >`
      }${account ? html`<div part="account"><bdi>${withLineBreaks(account)}</bdi></div>` : nothing}
    </div>
    <div class="status">
      <span part="state">${locale.text(state)}</span
      >${isStored(state) ? renderTime(own(connection, 'createdAt'), now, locale) : nothing}
    </div>
    <div part="actions">${renderActions(entry, phase, locale)}</div>
  </li>`;
}

/** Renders the logo. The monogram behind it shows if there is no logo or it doesn't load. */
export function renderLogo(name: string, image: string | undefined): TemplateResult {
  const monogram = (Array.from(name.trim().slice(0, 4))[0] ?? '?').toUpperCase();
  return html`<span part="logo" aria-hidden="true"
    >${monogram}${
      image
        ? html`<img
            src=${image}
            alt=""
            loading="lazy"
            decoding="async"
            referrerpolicy="no-referrer"
            @error=${onLogoError}
          />`
        : nothing
    }</span
  >`;
}

/** Lets a long email address or domain name break after @ and dots, rather than within a word. */
function withLineBreaks(account: string) {
  if (account.length <= 32 || account.includes(' ')) return account;
  return account.split(/(?<=[@.])/).map((text) => html`${text}<wbr />`);
}

const onLogoError = listener((event) => {
  (event.target as HTMLImageElement).hidden = true;
});

function renderTime(createdAt: string | undefined, now: number, locale: Locale) {
  if (!createdAt) return nothing;
  const time = Date.parse(createdAt);
  return html`<time datetime=${createdAt} title=${exactTime(time, locale)}
    >${locale.text('connected', { when: relativeTime(time, now, locale) })}</time
  >`;
}

/** Connections that are not stored show no time. */
const isStored = (state: RowState) => state !== 'saving' && state !== 'notSaved';

function renderActions({ state, label }: Entry, phase: RowPhase | undefined, locale: Locale) {
  if (phase === 'deleting') return html`<span>${locale.text('disconnecting')}</span>`;
  if (phase === 'asking') {
    return html`<span id="question">${locale.text('disconnectSure')}</span>
      <button
        type="button"
        data-action="confirm"
        aria-label=${locale.text('action', { action: locale.text('disconnect'), what: label })}
        aria-describedby="question"
      >
        ${locale.text('disconnect')}
      </button>
      ${renderButton(locale, 'back', locale.text('cancel'), label)}`;
  }
  const [, remedy] = rowStates[state];
  return html`${
    phase === 'failed'
      ? html`<span class="error" role="alert">${locale.text('disconnectFailed')}</span>`
      : nothing
  }${remedy ? renderButton(locale, remedy, locale.text(remedy), label) : nothing}
  ${renderButton(locale, 'ask', locale.text('disconnect'), label)}`;
}

/** Renders a button whose accessible name includes its row: "Disconnect Gmail, me@example.org". */
export function renderButton(
  locale: Locale,
  action: Action,
  text: string,
  label: string,
): TemplateResult {
  return html`<button
    type="button"
    data-action=${action}
    aria-label=${locale.text('action', { action: text, what: label })}
  >
    ${text}
  </button>`;
}
