import { html, type TemplateResult } from 'lit';
import type { Locale } from '../localization/locale.js';
import { renderAnnouncement } from './announcement.js';

/** Shown before the number of rows is known. */
const placeholderRows = [1, 2, 3];

/** Spaces give the bar the height of text, whatever the page's styles do to the parts. */
const renderBar = (letters: number) => html`<span class="bar">${'\u00A0'.repeat(letters)}</span>`;

/** Placeholder rows with the parts of real rows. Both are equally high, so nothing moves when the real ones load. */
export function renderSkeleton(locale: Locale): TemplateResult {
  return html`<div class="skeleton">
    ${renderAnnouncement(locale.text('loadingConnections'))}
    <ul class="box" aria-hidden="true">
      ${placeholderRows.map(
        () =>
          html`<li part="item placeholder">
            <span part="logo"></span>
            <div class="names">
              <bdi part="name">${renderBar(16)}</bdi>
              <div part="account">${renderBar(32)}</div>
            </div>
            <div class="status">
              <span part="state">${renderBar(20)}</span><time>${renderBar(28)}</time>
            </div>
            <div part="actions"><button type="button" disabled>${renderBar(20)}</button></div>
          </li>`,
      )}
    </ul>
  </div>`;
}
