import type { Connection, Integration } from '../../../src/classes.js';
import { setSteps } from './timing.js';

export interface ListOptions {
  list: 'plain rows' | 'pica-connections-list' | 'React 19';
  connections: Connection[];
  integrations: Integration[];
  query: string;
}

/**
 * The steps that are measured: rendering all rows, rendering again after one row changed, and filtering. Then
 * assertions, and the list's removal.
 */
export type ListStep = 'first' | 'update' | 'filter' | 'end';

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

/** Gets a list ready for its steps. */
export function prepareList(options: ListOptions): void {
  const prepare = {
    'plain rows': preparePlain,
    'pica-connections-list': prepareOurs,
    'React 19': prepareReact,
  }[options.list];
  setSteps(prepare(options));
}

/** One `innerHTML` of five plain elements a row. Building the string is not measured. */
function preparePlain({ connections }: ListOptions): Record<'first' | 'end', () => void> {
  const host = document.createElement('ul');
  document.body.append(host);
  const markup = connections
    .map(
      ({ platform, name = '' }) =>
        `<li><span>P</span><b>${platform}</b><small>${name}</small><button>Disconnect</button></li>`,
    )
    .join('');
  return {
    first: () => (host.innerHTML = markup),
    end: () => {
      host.remove();
    },
  };
}

function prepareOurs({
  connections,
  integrations,
  query,
}: ListOptions): Record<ListStep, () => void> {
  const list = document.createElement('pica-connections-list');
  list.integrations = integrations;
  const changed = withOneChange(connections);
  const rootOf = () => list.shadowRoot ?? document;
  document.body.append(list);
  return {
    first: () => (list.connections = connections),
    update: () => (list.connections = changed),
    filter() {
      const input = rootOf().querySelector('input');
      if (!input) throw new Error('There is no search field.');
      input.value = query;
      input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    },
    end() {
      assertFiltered(rootOf(), connections);
      list.remove();
    },
  };
}

function prepareReact({
  connections,
  integrations,
  query,
}: ListOptions): Record<ListStep, () => void> {
  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = stylesOfOurs();
  document.body.append(host);
  const container = document.createElement('div');
  root.append(container);
  const list = window.mountReactList(container, integrations);
  const changed = withOneChange(connections);
  return {
    first() {
      list.render(connections);
    },
    update() {
      list.render(changed);
    },
    filter() {
      list.render(changed, query);
    },
    end() {
      assertFiltered(root, connections);
      list.remove();
      host.remove();
    },
  };
}

/** The React list has the same styles. */
function stylesOfOurs(): CSSStyleSheet[] {
  const { elementStyles } = customElements.get('pica-connections-list') as unknown as {
    elementStyles: { styleSheet: CSSStyleSheet }[];
  };
  return elementStyles.map(({ styleSheet }) => styleSheet);
}

/** A new array with one changed row, as from a host that holds the data. The filter finds the row. */
function withOneChange(connections: readonly Connection[]): Connection[] {
  const middle = Math.floor(connections.length / 2) + 1;
  return connections.map((connection, index) =>
    index === middle ? { ...connection, name: 'changed-needle@example.org' } : connection,
  );
}

function assertFiltered(root: ParentNode, connections: readonly Connection[]): void {
  const found = root.querySelectorAll('li').length;
  if (found !== connections.length / 100 + 1) throw new Error(`${found} were found.`);
}
