import { html, nothing, type TemplateResult } from 'lit';
import type { Locale } from '../localization/locale.js';
import { dictionary, own } from '../hardening/prototype-pollution.js';
import type { RowPhase } from './disconnecting.js';
import type { Entry } from './sorted-entries.js';
import { type KeyedRow, repeatByKey } from './repeat-by-key.js';
import { exactTime, relativeTime } from './relative-time.js';
import { type RowState, rowStates } from './row-states.js';

/** What a button of a row or an offer does: its `data-action`. */
export type Action = 'retry' | 'reconnect' | 'ask' | 'confirm' | 'back' | 'connect';

/** Browsers skip the layout and painting of off-screen rows in lists above this length. */
const longLength = 30;

/** Whether rows need their own names: see row.styles.ts. @param count how many rows of this kind there are. */
export const isLong = (count: number): boolean => count > longLength;

/** Renders the connections. */
export function renderRows(
  entries: readonly Entry[],
  phaseOf: (key: string) => RowPhase | undefined,
  locale: Locale,
): TemplateResult {
  const now = Date.now();
  const long = isLong(entries.length);
  const rows = entries.map((entry): KeyedRow => {
    const { connection, state, integration, name, account } = entry;
    const { key, environment } = connection;
    const phase = phaseOf(key);
    const image = integration && own(integration, 'image');
    const createdAt = isStored(state) ? own(connection, 'createdAt') : undefined;
    const when = createdAt && relativeTime(Date.parse(createdAt), now, locale);
    return {
      key,
      shown: [state, phase, name, account, environment, image, createdAt, when, long, locale],
      render: () => renderRow(entry, phase, when, long, locale),
    };
  });
  return html`<ul part="list" class=${long ? 'box long' : 'box'} @error=${onLogoError}>
    ${repeatByKey(rows)}
  </ul>`;
}

/** Connections that are not stored show no time. */
const isStored = (state: RowState) => state !== 'saving' && state !== 'notSaved';

/**
 * Renders one connection. There may be thousands, so a row has few nodes and expressions and no listener, and its icon
 * comes from CSS.
 */
function renderRow(
  entry: Entry,
  phase: RowPhase | undefined,
  when: string | undefined,
  long: boolean,
  locale: Locale,
): TemplateResult {
  const { connection, state, integration, name, account, label } = entry;
  const [, , icon] = rowStates[state];
  return html`<li
    part="item"
    class=${`${state} ${icon}`}
    data-key=${connection.key}
    aria-label=${long ? label : ''}
    aria-busy=${String(phase === 'deleting')}
  >
    ${renderLogo(name, integration && own(integration, 'image'))}
    ${renderNames(name, account, connection.environment === 'test' && locale.text('test'))}
    <div class="status">
      <span part="state">${locale.text(state)}</span
      >${when ? renderTime(connection.createdAt ?? '', when, locale) : nothing}
    </div>
    ${renderActions(entry, phase, locale)}
  </li>`;
}

/** Renders the logo. The monogram behind it shows if there is no logo or it doesn't load. */
export function renderLogo(name: string, image: string | undefined): TemplateResult {
  const monogram = (Array.from(name.trim().slice(0, 4))[0] ?? '?').toUpperCase();
  return image
    ? html`<span part="logo" aria-hidden="true"
        >${monogram}<img
          loading="lazy"
          decoding="async"
          referrerpolicy="no-referrer"
          alt=""
          src=${image}
      /></span>`
    : html`<span part="logo" aria-hidden="true">${monogram}</span>`;
}

/** Listens for the whole list: events of images don't bubble, but can be captured. */
export const onLogoError = dictionary({
  capture: true,
  handleEvent: ({ target }: Event) => {
    (target as HTMLImageElement).hidden = true;
  },
});

/** Renders a row's name and, below it, the account or the description. */
export function renderNames(
  name: string,
  account: string,
  environment: string | false = false,
): TemplateResult {
  const below = account ? html`<bdi part="account">${withLineBreaks(account)}</bdi>` : nothing;
  return environment
    ? html`<div class="names">
        <bdi part="name">${name}</bdi>&#32;<span part="environment">${environment}</span>${below}
      </div>`
    : html`<div class="names"><bdi part="name">${name}</bdi>${below}</div>`;
}

/** Lets a long email address or domain name break after @ and dots, rather than within a word. */
function withLineBreaks(account: string): string | TemplateResult {
  if (account.length <= 32 || account.includes(' ')) return account;
  return account
    .split(/(?<=[@.])/)
    .reduceRight<string | TemplateResult>(
      (rest, text) => (rest ? html`<span>${text}<wbr />${rest}</span>` : text),
      '',
    );
}

function renderTime(createdAt: string, when: string, locale: Locale) {
  return html`<time datetime=${createdAt} title=${exactTime(Date.parse(createdAt), locale)}
    >${locale.text('connected', { when })}</time
  >`;
}

function renderActions(
  { state, label }: Entry,
  phase: RowPhase | undefined,
  locale: Locale,
): TemplateResult {
  if (phase === 'deleting') {
    return html`<div part="actions"><span>${locale.text('disconnecting')}</span></div>`;
  }
  if (phase === 'asking') {
    return html`<div part="actions">
      <span id="question">${locale.text('disconnectSure')}</span>
      <button
        type="button"
        data-action="confirm"
        aria-label=${locale.text('action', { action: locale.text('disconnect'), what: label })}
        aria-describedby="question"
      >
        ${locale.text('disconnect')}
      </button>
      ${renderButton(locale, 'back', locale.text('cancel'), label)}
    </div>`;
  }
  const [, remedy] = rowStates[state];
  const button = renderButton(locale, 'ask', locale.text('disconnect'), label);
  if (!remedy && !phase) return html`<div part="actions">${button}</div>`;
  return html`<div part="actions">
    ${
      phase
        ? html`<span class="error" role="alert">${locale.text('disconnectFailed')}</span>`
        : nothing
    }${remedy ? renderButton(locale, remedy, locale.text(remedy), label) : nothing}
    ${button}
  </div>`;
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
