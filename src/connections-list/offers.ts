import { html, nothing, type TemplateResult } from 'lit';
import type { Connection } from '../connection.js';
import type { Integration } from '../integration.js';
import type { Locale } from '../localization/locale.js';
import { dictionary, own } from '../hardening/prototype-pollution.js';
import { nameComparer } from './compare-names.js';
import { type KeyedRow, repeatByKey } from './repeat-by-key.js';
import { isLong, onLogoError, renderButton, renderLogo, renderNames } from './row.js';
import { shorten } from './sorted-entries.js';

/** Returns the integrations that are not connected, sorted by name. */
export function createOffers(
  integrations: readonly Integration[],
  connections: readonly Connection[],
  language: string,
): Integration[] {
  const connected = new Set(connections.map(({ platform }) => platform));
  const compare = nameComparer(language);
  return integrations
    .filter(({ platform }) => !connected.has(platform))
    .sort((a, b) => compare(a.name, b.name));
}

/** Returns the categories, sorted by name. */
export function categoriesOf(integrations: readonly Integration[], language: string): string[] {
  const names = integrations
    .map((one) => own(one, 'category'))
    .filter((name) => name !== undefined);
  return [...new Set(names)].sort(nameComparer(language));
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
        isLong(offers.length),
        locale,
      ),
    )}`;
}

function renderCategory(
  title: string,
  offers: readonly Integration[],
  long: boolean,
  locale: Locale,
) {
  if (offers.length === 0) return nothing;
  const rows = offers.map((offer): KeyedRow => {
    const { platform: key, name, image, description } = dictionary(offer);
    return {
      key,
      shown: [name, image, description, long, locale],
      render: () => renderOffer(offer, long, locale),
    };
  });
  return html`<h4>${shorten(title)}</h4>
    <ul class=${long ? 'box long' : 'box'} @error=${onLogoError}>
      ${repeatByKey(rows)}
    </ul>`;
}

function renderOffer(offer: Integration, long: boolean, locale: Locale): TemplateResult {
  const { platform, name, image, description = '' } = dictionary(offer);
  const label = shorten(name);
  return html`<li part="item offer" data-platform=${platform} aria-label=${long ? label : ''}>
    ${renderLogo(name, image)}${renderNames(label, shorten(description))}
    <div part="actions">${renderButton(locale, 'connect', locale.text('connect'), label)}</div>
  </li>`;
}
