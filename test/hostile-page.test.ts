import { expect } from '@open-wc/testing';
import { stage } from './fixtures.js';
import { connection } from './list-fixtures.js';

/** A list in a page that is as wide as this and has these styles, and where its row's parts are. */
const partsIn = async (width: number, styles: string) => {
  stage.innerHTML = `
    <style>${styles}</style>
    <div class="page" style="display: block; inline-size: ${String(width)}px">
      <pica-connections-list></pica-connections-list>
    </div>`;
  const list = stage.querySelector('pica-connections-list');
  if (!list) throw new Error('There is no list');
  list.connections = [connection({ state: 'failed', name: 'me@example.org' })];
  await list.updateComplete;
  const row = list.shadowRoot?.querySelector('[part~="item"]')?.getBoundingClientRect();
  return ['logo', 'name', 'state', 'actions'].map((part) => {
    const place = list.shadowRoot?.querySelector(`[part="${part}"]`)?.getBoundingClientRect();
    if (!place || !row) throw new Error(`There is no ${part}`);
    return [part, place.x - row.x, place.y - row.y, place.width, place.height].map((value) =>
      typeof value === 'number' ? Math.round(value) : value,
    );
  });
};

describe('a page that takes all styles away', () => {
  for (const width of [320, 600, 1000]) {
    it(`leaves the list the layout that it has at ${String(width)} px`, async () => {
      const plain = await partsIn(width, '');
      expect(await partsIn(width, '.page * { all: unset }')).to.deep.equal(plain);
    });
  }
});
