import { html, nothing, type TemplateResult } from 'lit';
import type { Connection } from '../connection.js';
import type { Integration } from '../integration.js';
import type { Locale } from '../localization/locale.js';
import { dictionary, own } from '../hardening/prototype-pollution.js';
import { shorten } from './sorted-entries.js';
import { repeatByKey } from './repeat-by-key.js';
import { renderButton, renderLogo } from './row.js';

/** Returns the integrations that are not connected, sorted by name. */
export function createOffers(
  integrations: readonly Integration[],
  connections: readonly Connection[],
  language: string,
): Integration[] {
  const connected = new Set(connections.map(({ platform }) => platform));
  const { compare } = new Intl.Collator(language);
  return integrations
    .filter(({ platform }) => !connected.has(platform))
    .sort((a, b) => compare(a.name, b.name));
}

/** Returns the categories, sorted by name. */
export function categoriesOf(integrations: readonly Integration[], language: string): string[] {
  const names = integrations
    .map((one) => own(one, 'category'))
    .filter((name) => name !== undefined);
  return [...new Set(names)].sort(new Intl.Collator(language).compare);
}

/** Renders the offers by category. Those without a category come last. */
export function renderOffers(
  offers: readonly Integration[],
  locale: Locale,
): TemplateResult | typeof nothing {
  if (offers.length === 0) return nothing;
  return html`<h3>${locale.text('available')}</h3>
    ${[...categoriesOf(offers, locale.language), undefined].map((category) =>
      renderCategory(
        category ?? locale.text('otherCategory'),
        offers.filter((offer) => own(offer, 'category') === category),
        locale,
      ),
    )}`;
}

function renderCategory(title: string, offers: readonly Integration[], locale: Locale) {
  if (offers.length === 0) return nothing;
  return html`<h4>${shorten(title)}</h4>
    <ul class="box">
      ${repeatByKey(
        offers.map(dictionary<Integration>).map(({ platform, name, image, description }) => [
          platform,
          html`<li part="item offer" data-platform=${platform}>
            ${renderLogo(name, image)}
            <div class="names">
              <bdi part="name">${shorten(name)}</bdi
              >${description ? html`<div part="account"><bdi>${shorten(description)}</bdi></div>` : nothing}
            </div>
            <div part="actions">
              ${renderButton(locale, 'connect', locale.text('connect'), shorten(name))}
            </div>
          </li>`,
        ]),
      )}
    </ul>`;
}
