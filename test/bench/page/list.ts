import type { Connection, Integration } from '../../../src/classes.js';
import { frame, time } from './timing.js';

/** Times of one list, in milliseconds. */
export interface Measured {
  first: number;
  update: number;
  filter: number;
}

/** Times of one round, in milliseconds. */
export interface Round {
  /** A single `innerHTML` of the same rows. */
  plain: number;
  list: Measured;
  react: Measured;
}

export interface RoundOptions {
  connections: Connection[];
  integrations: Integration[];
  query: string;
  /** Selects which of the three goes first, because later ones benefit from a warm engine. */
  turn: number;
}

interface ReactList {
  render(connections: Connection[], query?: string): void;
  remove(): void;
}

declare global {
  interface Window {
    /** Defined in peers/react-list.js. */
    mountReactList(container: Element, integrations: Integration[]): ReactList;
  }
}

/**
 * Measures the list, the React list and plain rows. The plain rows are the list's own markup as one string, with the
 * same styles but without Lit's markers and `content-visibility`. Building that string is not measured.
 */
export async function measureList(options: RoundOptions): Promise<Round> {
  const { markup, sheets } = await plainRowsOf(options);
  const round: Partial<Round> = {};
  const measures = [
    async () => {
      round.plain = await measurePlain(markup, sheets);
    },
    async () => {
      round.list = await measureOurs(options);
    },
    async () => {
      round.react = await measureReact(options, sheets);
    },
  ];
  for (let index = 0; index < measures.length; index += 1) {
    await measures[(index + options.turn) % measures.length]?.();
  }
  return round as Round;
}

async function plainRowsOf({ connections, integrations }: RoundOptions) {
  const { list, root } = addList(integrations);
  list.connections = connections;
  await list.updateComplete;
  await frame();
  const markup = (root.querySelector('ul')?.outerHTML ?? '').replace(/<!--[^]*?-->/g, '');
  const sheets = [...root.adoptedStyleSheets];
  list.remove();
  const everyRow = new CSSStyleSheet();
  everyRow.replaceSync('li { content-visibility: visible !important }');
  return { markup, sheets: [...sheets, everyRow] };
}

function addList(integrations: Integration[]) {
  const list = document.createElement('pica-connections-list');
  list.integrations = integrations;
  document.body.append(list);
  const root = list.shadowRoot;
  if (!root) throw new Error('The list has no shadow root.');
  return { list, root };
}

function addShadowHost(sheets: CSSStyleSheet[]): { host: Element; root: ShadowRoot } {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = sheets;
  document.body.append(host);
  return { host, root };
}

async function measurePlain(markup: string, sheets: CSSStyleSheet[]): Promise<number> {
  const { host, root } = addShadowHost(sheets);
  const plain = await time(() => {
    root.innerHTML = markup;
  });
  host.remove();
  return plain;
}

async function measureOurs({ connections, integrations, query }: RoundOptions): Promise<Measured> {
  const { list, root } = addList(integrations);
  await list.updateComplete;
  const first = await time(() => {
    list.connections = copiesOf(connections);
  });
  // As a host that holds the data would: a new array with one changed row.
  const changed = withOneChange(list.connections);
  const update = await time(() => {
    list.connections = changed;
  });
  assertShows(root, 'changed@example.org');
  const input = root.querySelector('input');
  if (!input) throw new Error('There is no search field.');
  const filter = await time(() => {
    input.value = query;
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  });
  assertFiltered(root, connections);
  list.remove();
  return { first, update, filter };
}

async function measureReact(
  { connections, integrations, query }: RoundOptions,
  sheets: CSSStyleSheet[],
): Promise<Measured> {
  const { host, root } = addShadowHost(sheets);
  const container = document.createElement('div');
  root.append(container);
  const list = window.mountReactList(container, integrations);
  const rows = copiesOf(connections);
  const first = await time(() => list.render(rows));
  const changed = withOneChange(rows);
  const update = await time(() => list.render(changed));
  assertShows(root, 'changed@example.org');
  const filter = await time(() => list.render(changed, query));
  assertFiltered(root, connections);
  list.remove();
  host.remove();
  return { first, update, filter };
}

/** New objects, as in an endpoint's answer, so nothing about them is cached. */
function copiesOf(connections: readonly Connection[]): Connection[] {
  return connections.map((connection) => ({ ...connection }));
}

function withOneChange(connections: readonly Connection[]): Connection[] {
  const middle = Math.floor(connections.length / 2) + 1;
  return connections.map((connection, index) =>
    index === middle ? { ...connection, name: 'changed@example.org' } : connection,
  );
}

function assertShows(root: ShadowRoot, text: string): void {
  if (!root.textContent.includes(text)) throw new Error('Nothing changed.');
}

function assertFiltered(root: ShadowRoot, connections: readonly Connection[]): void {
  const found = root.querySelectorAll('li').length;
  if (found !== connections.length / 100) throw new Error(`${found} were found.`);
}
