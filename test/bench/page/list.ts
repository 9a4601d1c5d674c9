import type { Connection, Integration } from '../../../src/classes.js';
import { frame, time } from './timing.js';

/** What one list took, in milliseconds, and of how many elements it was. */
export interface Measured {
  first: number;
  update: number;
  filter: number;
}

/** What one round measured, in milliseconds. */
export interface Round {
  /** One `innerHTML` of the same rows. */
  plain: number;
  list: Measured;
  react: Measured;
}

export interface RoundOptions {
  connections: Connection[];
  integrations: Integration[];
  query: string;
  /** Which of the three begins: turns about, as the later ones have it warmer. */
  turn: number;
}

interface ReactList {
  render(connections: Connection[], query?: string): void;
  remove(): void;
}

declare global {
  interface Window {
    /** Of peers/react-list.js. */
    mountReactList(place: Element, integrations: Integration[]): ReactList;
  }
}

/**
 * The plain rows are those of the list itself, without Lit's markers and without `content-visibility`, as one
 * string: the same elements, attributes and texts below the same styles. Making that string is not counted.
 */
export async function measureList(options: RoundOptions): Promise<Round> {
  const { markup, sheets } = await modelOf(options);
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

async function modelOf({ connections, integrations }: RoundOptions) {
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

function addPlace(sheets: CSSStyleSheet[]): { host: Element; root: ShadowRoot } {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = sheets;
  document.body.append(host);
  return { host, root };
}

async function measurePlain(markup: string, sheets: CSSStyleSheet[]): Promise<number> {
  const { host, root } = addPlace(sheets);
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
    list.connections = anew(connections);
  });
  // The host holds the data: a new array, with one row that is another.
  const changed = withOneChanged(list.connections);
  const update = await time(() => {
    list.connections = changed;
  });
  mustShow(root, 'changed@example.org');
  const input = root.querySelector('input');
  if (!input) throw new Error('There is no search field.');
  const filter = await time(() => {
    input.value = query;
    input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  });
  mustHaveFound(root, connections);
  list.remove();
  return { first, update, filter };
}

async function measureReact(
  { connections, integrations, query }: RoundOptions,
  sheets: CSSStyleSheet[],
): Promise<Measured> {
  const { host, root } = addPlace(sheets);
  const place = document.createElement('div');
  root.append(place);
  const list = window.mountReactList(place, integrations);
  const rows = anew(connections);
  const first = await time(() => list.render(rows));
  const changed = withOneChanged(rows);
  const update = await time(() => list.render(changed));
  mustShow(root, 'changed@example.org');
  const filter = await time(() => list.render(changed, query));
  mustHaveFound(root, connections);
  list.remove();
  host.remove();
  return { first, update, filter };
}

/** New objects, as an endpoint's answer has them: nothing is known of them yet. */
function anew(connections: readonly Connection[]): Connection[] {
  return connections.map((connection) => ({ ...connection }));
}

function withOneChanged(connections: readonly Connection[]): Connection[] {
  const middle = Math.floor(connections.length / 2) + 1;
  return connections.map((connection, index) =>
    index === middle ? { ...connection, name: 'changed@example.org' } : connection,
  );
}

function mustShow(root: ShadowRoot, text: string): void {
  if (!root.textContent.includes(text)) throw new Error('Nothing changed.');
}

function mustHaveFound(root: ShadowRoot, connections: readonly Connection[]): void {
  const found = root.querySelectorAll('li').length;
  if (found !== connections.length / 100) throw new Error(`${found} were found.`);
}
