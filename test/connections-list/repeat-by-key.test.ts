import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import type { PicaConnectionsList } from '../../src/classes.js';
import { mountList } from '../fixtures/elements.js';
import { button, connection, integration, offers, rows } from '../fixtures/list.js';

/** Shows connections of these keys, in their order, which is that of the list for one platform and state. */
const show = async (list: PicaConnectionsList, keys: readonly string[]): Promise<void> => {
  list.connections = keys.map((key) => connection({ key, name: key }));
  await list.updateComplete;
};

const keysOf = (list: PicaConnectionsList) => rows(list).map(({ dataset }) => dataset.key);

/** How many nodes the parent of the rows has, beside the rows and the comments of each. */
const others = (parent: Element | null | undefined): number =>
  (parent?.childNodes.length ?? NaN) - 3 * (parent?.children.length ?? NaN);

describe('the rows of a changing list', () => {
  const keys = fc.shuffledSubarray(Array.from('abcdefghij'), { minLength: 1 });

  it('are those of the last list, each with the nodes that it had, and nothing is left of others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { minLength: 2, maxLength: 6 }), async (lists) => {
        const list = await mountList();
        let before = new Map<string | undefined, HTMLElement>();
        const nodes: number[] = [];
        for (const shown of lists) {
          await show(list, shown);
          expect(keysOf(list)).to.deep.equal(shown);
          for (const row of rows(list)) {
            const earlier = before.get(row.dataset.key);
            if (earlier) expect(earlier === row).to.equal(true);
          }
          before = new Map(rows(list).map((row) => [row.dataset.key, row]));
          nodes.push(others(list.shadowRoot?.querySelector('ul')));
        }
        expect(new Set(nodes)).to.have.property('size', 1);
        list.remove();
      }),
      { numRuns: 50 },
    );
  });

  for (const [what, after] of [
    ['the first goes to the end', Array.from('bcda')],
    ['the last goes to the front', Array.from('dabc')],
    ['others go and come', Array.from('xby')],
  ] as const) {
    it(`keep the focus when ${what}`, async () => {
      const list = await mountList();
      await show(list, Array.from('abcd'));
      const focused = button(list, 'Disconnect Gmail, b');
      focused.focus();
      await show(list, after);
      expect(keysOf(list)).to.deep.equal(after);
      expect(list.shadowRoot?.activeElement === focused).to.equal(true);
    });
  }

  it('leave nothing behind when they are searched, again and again', async () => {
    const list = await mountList();
    await show(list, Array.from('abcdefghij'));
    const ul = list.shadowRoot?.querySelector('ul');
    const input = list.shadowRoot?.querySelector('input');
    const before = ul?.childNodes.length;
    for (const query of ['gmail a', '', 'gmail b', '']) {
      if (input) input.value = query;
      input?.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
      await list.updateComplete;
    }
    expect(keysOf(list)).to.deep.equal(Array.from('abcdefghij'));
    expect(ul?.childNodes.length).to.equal(before);
  });

  it('leave nothing behind among what is offered either', async () => {
    const list = await mountList({
      integrations: Array.from('abc').map((name) => integration(name, name)),
      connections: [],
    });
    const ul = offers(list)[0]?.parentElement;
    const before = others(ul);
    list.connections = [connection({ key: 'b', platform: 'b' })];
    await list.updateComplete;
    expect(offers(list).map(({ dataset }) => dataset.platform)).to.deep.equal(['a', 'c']);
    expect(others(ul)).to.equal(before);
  });
});
