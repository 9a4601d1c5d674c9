import { expect } from '@open-wc/testing';
import fc from 'fast-check';
import type { PicaConnectionsList } from '../../src/classes.js';
import { mountList } from '../fixtures/elements.js';
import { button, connection, integration, offers, rows } from '../fixtures/list.js';

/** Shows connections with these keys. Platform and state are equal, so the list keeps their order. */
const show = async (list: PicaConnectionsList, keys: readonly string[]): Promise<void> => {
  list.connections = keys.map((key) => connection({ key, name: key }));
  await list.updateComplete;
};

const keysOf = (list: PicaConnectionsList) => rows(list).map(({ dataset }) => dataset.key);

/** Counts the child nodes of the rows' parent, except for the rows. */
const otherNodes = (parent: Element | null | undefined): number =>
  (parent?.childNodes.length ?? NaN) - (parent?.children.length ?? NaN);

describe('rows of a changing list', () => {
  const keys = fc.shuffledSubarray(Array.from('abcdefghij'), { minLength: 1 });

  it('keep their nodes, and leave no others behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(keys, { minLength: 2, maxLength: 6 }), async (lists) => {
        const list = await mountList();
        let before = new Map<string | undefined, HTMLElement>();
        const nodes: number[] = [];
        for (const currentRows of lists) {
          await show(list, currentRows);
          expect(keysOf(list)).to.deep.equal(currentRows);
          for (const row of rows(list)) {
            const previousRow = before.get(row.dataset.key);
            if (previousRow) expect(previousRow === row).to.equal(true);
          }
          before = new Map(rows(list).map((row) => [row.dataset.key, row]));
          nodes.push(otherNodes(list.shadowRoot?.querySelector('ul')));
        }
        expect(new Set(nodes)).to.have.property('size', 1);
        list.remove();
      }),
      { numRuns: 50 },
    );
  });

  for (const [description, keysAfter] of [
    ['the first row moves to the end', Array.from('bcda')],
    ['the last row moves to the front', Array.from('dabc')],
    ['other rows disappear and appear', Array.from('xby')],
  ] as const) {
    it(`keep the focus when ${description}`, async () => {
      const list = await mountList();
      await show(list, Array.from('abcd'));
      const focused = button(list, 'Disconnect Gmail, b');
      focused.focus();
      await show(list, keysAfter);
      expect(keysOf(list)).to.deep.equal(keysAfter);
      expect(list.shadowRoot?.activeElement === focused).to.equal(true);
    });
  }

  it('keep the focus when what a row shows changes', async () => {
    const list = await mountList();
    await show(list, Array.from('abc'));
    const focused = button(list, 'Disconnect Gmail, b');
    focused.focus();
    list.connections = Array.from('abc').map((key) =>
      connection({ key, name: key, environment: key === 'b' ? 'test' : 'live' }),
    );
    await list.updateComplete;
    expect(rows(list)[1]?.textContent).to.contain('Test');
    expect(list.shadowRoot?.activeElement === focused).to.equal(true);
  });

  it('show what has changed, and nothing of the rows before them', async () => {
    const list = await mountList();
    const createdAt = new Date().toISOString();
    const all = [
      connection({ key: 'a', name: 'a', environment: 'test', createdAt }),
      connection({ key: 'b', name: 'b' }),
      connection({ key: 'c', state: 'unknown', createdAt }),
    ];
    const expected = ['G Gmail Test a Connected Connected now Disconnect'];
    expected.push(
      'G Gmail b Connected Disconnect',
      'G Gmail State unknown Connected now Disconnect',
    );
    const texts = () =>
      rows(list).map((row) => {
        const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
        const found: string[] = [];
        while (walker.nextNode()) found.push(walker.currentNode.textContent?.trim() ?? '');
        return found.filter(Boolean).join(' ');
      });
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      // The same three keys show another connection each time.
      list.connections = order.map((index, at) => ({
        ...(all[index] ?? connection()),
        key: `k${String(at)}`,
      }));
      await list.updateComplete;
      const sorted = order.map((index) => expected[index]).sort();
      expect(texts().sort()).to.deep.equal(sorted);
    }
  });

  it('consist of elements and texts only', async () => {
    const list = await mountList();
    await show(list, Array.from('ab'));
    const html = rows(list)
      .map((row) => row.innerHTML)
      .join('');
    expect(html).to.contain('Disconnect');
    expect(html).to.not.contain('<!--');
  });

  it('leave no nodes behind after repeated searches', async () => {
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

  it('leave no nodes behind among the offers', async () => {
    const list = await mountList({
      integrations: Array.from('abc').map((name) => integration(name, name)),
      connections: [],
    });
    const ul = offers(list)[0]?.parentElement;
    const before = otherNodes(ul);
    list.connections = [connection({ key: 'b', platform: 'b' })];
    await list.updateComplete;
    expect(offers(list).map(({ dataset }) => dataset.platform)).to.deep.equal(['a', 'c']);
    expect(otherNodes(ul)).to.equal(before);
  });
});
