import { html, nothing, svg, type TemplateResult } from 'lit';
import type { Connection, ConnectionState } from '../connection.js';
import { displayName, type Integration } from '../integration.js';
import { en } from '../locales/en.js';

/** One connection, as an item of the list. */
export function renderRow(connection: Connection, integration?: Integration): TemplateResult {
  const name = nameOf(connection, integration);
  const { state } = connection;
  return html`
    <li part="item" class=${state}>
      <span part="logo" aria-hidden="true">
        ${monogram(name)}${integration?.image ? renderLogo(integration.image) : nothing}
      </span>
      <span class="what">
        <bdi part="name">${name}</bdi>
        ${
          connection.environment === 'test'
            ? html`<span part="environment">${en.test}</span>`
            : nothing
        }
        ${renderAccount(connection, name)}
      </span>
      <span class="how">
        <span part="state">${stateIcons[state]} ${en[state]}</span>
        ${renderDate(connection.createdAt)}
      </span>
    </li>
  `;
}

/** What a connection is called: by its integration, and where that is unknown by its platform. */
export function nameOf({ platform }: Connection, integration?: Integration): string {
  return integration?.name ?? displayName(platform);
}

function renderAccount({ name, identity }: Connection, title: string) {
  const account = name && name !== title ? name : identity;
  return account ? html`<span part="account"><bdi>${account}</bdi></span>` : nothing;
}

const dates = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

function renderDate(createdAt: string | undefined) {
  if (!createdAt) return nothing;
  return html`<time datetime=${createdAt}
    >${en.connectedOn(dates.format(new Date(createdAt)))}</time
  >`;
}

function renderLogo(image: string): TemplateResult {
  return html`<img
    src=${image}
    alt=""
    loading="lazy"
    decoding="async"
    referrerpolicy="no-referrer"
    @error=${onLogoError}
  />`;
}

/** The monogram is behind the logo, and shows when that is gone. */
function onLogoError(event: Event): void {
  (event.target as HTMLImageElement).hidden = true;
}

function monogram(name: string): string {
  return (Array.from(name.trim())[0] ?? '?').toUpperCase();
}

const icon = (shape: TemplateResult) =>
  html`<svg viewBox="0 0 16 16" aria-hidden="true">${shape}</svg>`;

/** Each state has a shape of its own, so that none is told by color alone. */
const stateIcons: Record<ConnectionState, TemplateResult> = {
  operational: icon(svg`<circle cx="8" cy="8" r="7" /><path d="m4.8 8.2 2.2 2.2 4.2-4.6" />`),
  degraded: icon(svg`<path d="M8 1.5 15 14H1z" /><path d="M8 6v4M8 12v.1" />`),
  failed: icon(svg`<circle cx="8" cy="8" r="7" /><path d="m5.5 5.5 5 5m0-5-5 5" />`),
  unknown: icon(svg`<circle cx="8" cy="8" r="7" stroke-dasharray="2 2" /><path d="M5.5 8h5" />`),
};
