import type { Browser } from 'playwright-core';
import { createConnections, createIntegrations } from '../connections.js';
import { spread, type Case, type Figure } from '../figures.js';
import { inBrowser, mainThreadMs, visit } from '../first-visit.js';
import { inTurn } from '../rounds.js';
import type { BenchPage } from '../site.js';

const connectionCount = 12;
const integrationCount = 290;

/** Some connections are of the same integration, which is not offered again. */
const connected = new Set(createConnections(connectionCount).map(({ platform }) => platform));
const rowCount = connectionCount + integrationCount - connected.size;

const markup = `<pica-connect-button token-url="/token" selected-connection="Gmail">Connect Gmail</pica-connect-button>
  <pica-connections-list token-url="/token" connections-url="/connections?count=${connectionCount}"
    integrations-url="/integrations?count=${integrationCount}"></pica-connections-list>`;

const pages = {
  'pica-connect.min.js': { scripts: ['pica-connect.min.js'], markup },
  'pica-connect.js': { scripts: ['pica-connect.js'], markup },
  static: { scripts: [], markup: staticMarkup() },
  empty: { scripts: [] },
} satisfies Record<string, BenchPage>;
type Name = keyof typeof pages;
const names = Object.keys(pages) as Name[];
const ours = ['pica-connect.min.js', 'pica-connect.js'] as const;
const slowdowns = [1, 4];

export const settings: Case = {
  name: 'settings',
  title: `A settings page: a button, ${connectionCount} connections and ${integrationCount} integrations`,
  against:
    'Multiples of the same page as static HTML, for the main thread from the start until it is complete, without the time of an empty page',
  limits: { rounds: 9, seconds: 40 },
  measure: ({ rounds }) =>
    inBrowser(async (browser, site) => {
      const addresses = await site.addAll(pages);
      const figures: Figure[] = [];
      for (const cpuSlowdown of slowdowns) {
        const suffix = cpuSlowdown === 1 ? '' : `, on a ${cpuSlowdown} × slower processor`;
        const measured = await rounds.measure(
          async (turn) => {
            const round = {} as Record<Name, number>;
            for (const name of inTurn(names, turn)) {
              round[name] = await measurePage(browser, addresses[name], name, cpuSlowdown);
            }
            return round;
          },
          // Every page is new.
          { warming: 0, title: `on a ${cpuSlowdown} × slower processor: ` },
        );
        const without = (name: Name) => (round: Record<Name, number>) => round[name] - round.empty;
        for (const label of ours) {
          figures.push({
            label: label + suffix,
            unit: '×',
            ...spread(measured.map((round) => without(label)(round) / without('static')(round))),
            budget: label === 'pica-connect.min.js' && cpuSlowdown === 1 ? 2 : undefined,
          });
        }
        const plain = spread(measured.map(without('static')));
        figures.push({ label: `static HTML${suffix}`, unit: 'ms', ...plain, isPeer: true });
      }
      return figures;
    }),
};

function measurePage(browser: Browser, address: string, name: Name, cpuSlowdown: number) {
  return visit(
    browser,
    address,
    async (page, debug) => {
      await page.waitForLoadState('networkidle');
      const duration = await mainThreadMs(debug, 'TaskDuration');
      const expected = name === 'empty' ? 0 : rowCount;
      const found = await page.locator('li').count();
      if (found !== expected) throw new Error(`${name} shows ${found} rows and not ${expected}.`);
      return duration;
    },
    { cpuSlowdown },
  );
}

/** The page as a server would render it: the same texts, five elements a row, native buttons and a few styles. */
function staticMarkup(): string {
  const row = (name: string, detail: string, action: string) =>
    `<li><span>${name.slice(0, 1)}</span><b>${name}</b><small>${detail}</small><button type="button">${action}</button></li>`;
  const offers = createIntegrations(integrationCount).filter(
    ({ platform }) => !connected.has(platform),
  );
  const categories = [...new Set(offers.map(({ category }) => category))].map((category) => {
    const rows = offers
      .filter((offer) => offer.category === category)
      .map(({ name, description = '' }) => row(name, description, 'Connect'));
    return `<h4>${category}</h4><ul>${rows.join('')}</ul>`;
  });
  const connections = createConnections(connectionCount).map(({ platform, name = '' }) =>
    row(platform, name, 'Disconnect'),
  );
  return `<style>
      ul { padding: 0; border: 1px solid silver; border-radius: 0.5em }
      li { display: flex; gap: 0.5em; padding: 0.5em; border-bottom: 1px solid silver }
      b { flex: 1 }
    </style>
    <button type="button">Connect Gmail</button>
    <h2>Connections</h2>
    <input type="search" aria-label="Search" />
    <ul>${connections.join('')}</ul>
    <h3>Available</h3>
    ${categories.join('')}`;
}
