import type { Connection, PicaConnectionsList } from '../src/classes.js';
import { mountList, nextEvent } from './fixtures.js';
import { endpoints } from './servers/origins.js';

export const connection = (more: Partial<Connection> = {}): Connection => ({
  key: 'live::gmail::default::abc',
  platform: 'gmail',
  environment: 'live',
  state: 'operational',
  ...more,
});

export const integration = (platform: string, name: string, category?: string) => ({
  platform,
  name,
  category,
});

/** A list that reads the endpoints of a scope of its own, once it has loaded. */
export const loadList = async (scope: string, properties: Partial<PicaConnectionsList> = {}) => {
  const loaded = nextEvent('pica-load');
  const list = await mountList({
    connectionsUrl: `${endpoints}/${scope}/connections`,
    ...properties,
  });
  await loaded;
  await list.updateComplete;
  return list;
};

const all = (list: PicaConnectionsList, selector: string) => [
  ...(list.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? []),
];

/** The connections that are shown. */
export const rows = (list: PicaConnectionsList) => all(list, 'li[data-key]');

/** What is offered. */
export const offers = (list: PicaConnectionsList) => all(list, '[part~="offer"]');

export const nameOf = (row: Element) => row.querySelector('[part="name"]')?.textContent;

/** The button with this accessible name. */
export const button = (list: PicaConnectionsList, name: string): HTMLElement => {
  const found = all(list, 'button').find(
    (candidate) => (candidate.ariaLabel ?? candidate.textContent.trim()) === name,
  );
  if (!found) throw new Error(`There is no button "${name}"`);
  return found;
};

/** Presses Disconnect of a row, and answers the question that it asks. */
export const disconnect = async (list: PicaConnectionsList, label: string): Promise<void> => {
  button(list, `Disconnect ${label}`).click();
  await list.updateComplete;
  button(list, `Disconnect ${label}`).click();
};

export const hasButton = (list: PicaConnectionsList, name: string): boolean =>
  all(list, 'button').some((candidate) => candidate.ariaLabel === name);

/** What has the focus in the list, by its accessible name. */
export const focused = (list: PicaConnectionsList): string | null => {
  const active = list.shadowRoot?.activeElement ?? null;
  return active?.ariaLabel ?? active?.textContent.trim() ?? null;
};

/** What the list says to assistive technology. */
export const spoken = (list: PicaConnectionsList) =>
  all(list, '[role="status"]')
    .map((status) => status.textContent.trim())
    .join(' ')
    .trim();
