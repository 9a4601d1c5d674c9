import { html, nothing } from 'lit';
import type { Locale } from '../localization/locale.js';
import { listener } from '../hardening/prototype-pollution.js';

/* What a button says, besides its label. Most buttons say nothing. */

/** The text of the element's labels, which a screen reader reads after the button's name. */
export const renderDescription = (labels: readonly string[], locale: Locale) =>
  html`<span id="labels" hidden>${labels.join(locale.text('separator'))}</span>`;

/** The place of messages. Screen readers announce text that arrives in it later. */
export const renderLiveRegion = (message: unknown) =>
  html`<div id="message" part="message" role="status">${message}</div>`;

export const renderError = (text: string) => (text ? html`<bdi>${text}</bdi>` : nothing);

export const renderUnsaved = (locale: Locale, retry: () => void) =>
  html`<bdi lang=${locale.language}
    >${locale.text('unsaved')}&#32;<button class="link" type="button" @click=${listener(retry)}>
      ${locale.text('retry')}
    </button></bdi
  >`;

/** Puts the text into the template's strings: with scripts, a <noscript> holds plain text and no Lit expression. */
export function renderNoScript(text: string) {
  const escaped = text.replace(/[&<]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const strings = [`<noscript>${escaped}</noscript>`];
  return html(Object.assign(strings, { raw: strings }));
}
