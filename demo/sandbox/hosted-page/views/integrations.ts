import type { View } from '../card.js';
import { element, logo } from '../element.js';
import type { TokenRow } from '../token.js';

/** A searchable list of all integrations that can be connected. */
export function integrations(rows: TokenRow[], choose: (row: TokenRow) => void): View {
  const entries = rows.map((row) => ({
    text: `${row.title} ${row.type}`.toLowerCase(),
    item: element(
      'li',
      {},
      element(
        'button',
        { type: 'button', onclick: () => choose(row) },
        logo(row.image, 36),
        element('span', {}, row.title),
      ),
    ),
  }));

  const count = element('p', { className: 'muted', role: 'status' });
  const search = element('input', {
    type: 'search',
    id: 'search',
    autocomplete: 'off',
    spellcheck: false,
  });
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    for (const { text, item } of entries) {
      item.hidden = !text.includes(wanted);
      if (!item.hidden) found++;
    }
    count.textContent = found ? `${found} of ${rows.length}` : 'Nothing matches.';
  };
  search.addEventListener('input', filter);
  filter();

  return {
    focus: search,
    content: element(
      'div',
      {},
      element('h1', {}, 'Choose an integration'),
      element('label', { htmlFor: 'search' }, 'Search'),
      search,
      count,
      element('ul', { className: 'integrations' }, ...entries.map(({ item }) => item)),
    ),
  };
}
