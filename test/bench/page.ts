import type { Connection, Integration } from '../../src/classes.js';

/** What one round measured, in milliseconds, and how many elements there were. */
export interface Round {
  plain: number;
  first: number;
  update: number;
  filter: number;
  plainElements: number;
  listElements: number;
  found: number;
}

export interface RoundOptions {
  connections: Connection[];
  integrations: Integration[];
  query: string;
  /** Whether the list is measured before the plain rows: turns about, as the second has it warmer. */
  listFirst: boolean;
}

/**
 * One round, in the page: everything in here has to be in here, as Playwright sends the function's text.
 *
 * The plain rows are those of the list itself, without Lit's markers and without `content-visibility`,
 * as one string: the same elements, attributes and texts below the same styles. Making that string is not
 * counted. Each measurement begins right after a frame and ends when the next one has been painted.
 */
export async function measureRound(options: RoundOptions): Promise<Round> {
  const { connections, integrations, query, listFirst } = options;
  const frame = () =>
    new Promise<void>((resolve) => {
      requestAnimationFrame(() => {
        // A message comes after the frame that it was sent in, which a timeout may not.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          resolve();
        };
        port2.postMessage(null);
      });
    });
  const rest = async () => {
    for (let index = 0; index < 3; index += 1) await frame();
    // Nobody pays for what another left behind.
    (globalThis as { gc?: () => void }).gc?.();
    await frame();
  };
  const time = async (act: () => void) => {
    await rest();
    const began = performance.now();
    act();
    await frame();
    return performance.now() - began;
  };
  const countOf = (root: ShadowRoot) => root.querySelectorAll('ul *').length;
  const addList = () => {
    const list = document.createElement('pica-connections-list');
    list.integrations = integrations;
    document.body.append(list);
    const root = list.shadowRoot;
    if (!root) throw new Error('The list has no shadow root.');
    return { list, root };
  };

  const model = addList();
  model.list.connections = connections;
  await frame();
  const markup = (model.root.querySelector('ul')?.outerHTML ?? '').replace(/<!--[^]*?-->/g, '');
  const sheets = [...model.root.adoptedStyleSheets];
  model.list.remove();

  const measurePlain = async () => {
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: 'open' });
    const everyRow = new CSSStyleSheet();
    everyRow.replaceSync('li { content-visibility: visible !important }');
    root.adoptedStyleSheets = [...sheets, everyRow];
    document.body.append(host);
    const plain = await time(() => {
      root.innerHTML = markup;
    });
    const plainElements = countOf(root);
    host.remove();
    return { plain, plainElements };
  };

  const measureList = async () => {
    const { list, root } = addList();
    await list.updateComplete;
    // New objects each time, as an endpoint's answer has them: nothing is known of them yet.
    const rows = connections.map((connection) => ({ ...connection }));
    const first = await time(() => {
      list.connections = rows;
    });
    const listElements = countOf(root);

    // The host holds the data: a new array, with one row that is another.
    const current = list.connections;
    const middle = Math.floor(current.length / 2) + 1;
    const changed = current.map((connection, index) =>
      index === middle ? { ...connection, name: 'changed@example.org' } : connection,
    );
    const update = await time(() => {
      list.connections = changed;
    });
    if (!root.textContent.includes('changed@example.org')) throw new Error('Nothing changed.');

    const input = root.querySelector('input');
    if (!input) throw new Error('There is no search field.');
    const filter = await time(() => {
      input.value = query;
      input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    });
    const found = root.querySelectorAll('li').length;
    list.remove();
    return { first, update, filter, listElements, found };
  };

  const list = listFirst ? await measureList() : undefined;
  const plain = await measurePlain();
  return { ...plain, ...(list ?? (await measureList())) };
}
