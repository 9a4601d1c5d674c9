import { html, nothing, type TemplateResult } from 'lit';
import type { Locale } from '../localization/locale.js';
import { listener, own } from '../hardening/own.js';
import type { RowPhase } from './disconnecting.js';
import type { Entry } from './entries.js';
import { keyed } from './keyed.js';
import { exactTime, relativeTime } from './relative-time.js';
import { type RowState, rowStates } from './row-states.js';

/** What a button of a row or an offer does; the list hears of it by `data-action`. */
export type Action = 'retry' | 'reconnect' | 'ask' | 'confirm' | 'back' | 'connect';

/** From this many rows on, those out of sight are not rendered. */
const isLong = (entries: readonly Entry[]) => entries.length > 100;

/** The connections, keyed so that a row keeps its nodes when others come and go. */
export function renderRows(
  entries: readonly Entry[],
  phaseOf: (key: string) => RowPhase | undefined,
  locale: Locale,
): TemplateResult {
  const now = Date.now();
  const long = isLong(entries);
  return html`<ul part="list" class=${long ? 'box long' : 'box'}>
    ${keyed(
      entries.map((entry) => {
        const { key } = entry.connection;
        return [key, renderRow(entry, phaseOf(key), now, long, locale)];
      }),
    )}
  </ul>`;
}

/**
 * One connection, as an item of the list. There may be thousands of them, so a row has few nodes and
 * bindings, no listener of its own, and its icon from CSS.
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
  const { icon } = rowStates[state];
  return html`<li
    part="item"
    class=${`${state} ${icon}`}
    data-key=${key}
    aria-label=${long ? label : nothing}
    aria-busy=${phase === 'deleting' || nothing}
  >
    ${renderLogo(name, integration && own(integration, 'image'))}
    <div class="what">
      ${
        // Chromium 156 tells of no space beside a comment, as Lit would have one here.
        connection.environment !== 'test'
          ? html`<bdi part="name">${name}</bdi>`
          : html`<bdi part="name">${name}</bdi>&#32;<span part="environment"
                >${locale.text('test')}</span
              >`
      }${account ? html`<div part="account"><bdi>${breakable(account)}</bdi></div>` : nothing}
    </div>
    <div class="how">
      <span part="state">${locale.text(state)}</span
      >${isStored(state) ? renderTime(own(connection, 'createdAt'), now, locale) : nothing}
    </div>
    <div part="actions">${renderActions(entry, phase, locale)}</div>
  </li>`;
}

/** A logo with the monogram behind it, which shows when there is none or it is broken. */
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

/** A long address is broken where it has its parts, and not within a word. */
function breakable(account: string) {
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

/** Only a stored connection has a time to show. */
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
  const { remedy } = rowStates[state];
  return html`${
    phase === 'failed'
      ? html`<span class="trouble" role="alert">${locale.text('disconnectFailed')}</span>`
      : nothing
  }${remedy ? renderButton(locale, remedy, locale.text(remedy), label) : nothing}
  ${renderButton(locale, 'ask', locale.text('disconnect'), label)}`;
}

/** A button that is named with its row: "Disconnect Gmail, me@example.org". */
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
