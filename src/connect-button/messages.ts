import { html, isServer, nothing } from 'lit';
import type { Locale } from '../localization/locale.js';
import { listener } from '../hardening/prototype-pollution.js';

interface Below {
  /** The texts of the element's labels. */
  labels: readonly string[];
  /** What the live region says, or undefined if nobody is about to use the button. */
  message: unknown;
  isDebug: boolean;
  locale: Locale;
}

/** What is below the button, seen or not. Most buttons on a page have nothing there. */
export const renderBelow = ({ labels, message, isDebug, locale }: Below) => html`
  ${
    labels.length > 0
      ? html`<span id="labels" hidden>${labels.join(locale.text('separator'))}</span>`
      : nothing
  }
  ${
    message === undefined
      ? nothing
      : html`<div id="message" part="message" role="status">${message}</div>`
  }
  ${isDebug ? html`<div part="message" class="debug"></div>` : nothing}
  ${(isServer as boolean) ? renderNoScript(locale.text('needsScript')) : nothing}
`;

export const renderError = (text: string) => (text ? html`<bdi>${text}</bdi>` : nothing);

/** What has failed, and a button that tries it again. */
export function renderRetry(locale: Locale, text: string, retry: () => unknown) {
  const onClick = ({ currentTarget }: Event) => {
    // Retry disappears while it has the focus. The element's `focus()` would do nothing, because the focus is inside.
    const root = (currentTarget as Element).getRootNode() as ShadowRoot;
    root.querySelector('button')?.focus();
    retry();
  };
  return html`<bdi lang=${locale.language}
    >${text}&#32;<button class="link" type="button" @click=${listener(onClick)}>
      ${locale.text('retry')}
    </button></bdi
  >`;
}

/** Puts the text into the template's strings: with scripts, a <noscript> holds plain text and no Lit expression. */
function renderNoScript(text: string) {
  const escaped = text.replace(/[&<]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const strings = [`<noscript>${escaped}</noscript>`];
  return html(Object.assign(strings, { raw: strings }));
}
