import { startTestServers } from '../../fixtures/servers/start.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inBrowser, visit } from '../first-visit.js';
import { inTurn } from '../rounds.js';
import { scriptOf, type ScriptName } from '../scripts.js';

/** As on a slow mobile network. */
const slowNetwork = { megabitsPerSecond: 1.6, roundTripMs: 150 };

/** A page's only button, by the script that makes it work. */
const buttons = {
  'pica-connect.min.js': '<pica-connect-button',
  'pica-connect.js': '<pica-connect-button',
  'a button that wraps AuthKit': '<wrapping-button',
} satisfies Partial<Record<ScriptName, string>>;
type Name = keyof typeof buttons;
const names = Object.keys(buttons) as Name[];
const base: Name = 'a button that wraps AuthKit';

/** Milliseconds since the start of the visit. */
interface Visit {
  /** Until the button would answer a click. */
  ready: number;
  /** Until AuthKit is visible, if the visitor clicks at once. */
  visible: number;
}

export const network: Case = {
  name: 'network',
  title: `A first visit with ${slowNetwork.megabitsPerSecond} Mbit/s and ${slowNetwork.roundTripMs} ms, from its start`,
  against: 'Multiples of a button that wraps AuthKit',
  limits: { rounds: 5, seconds: 45 },
  measure: ({ rounds }) =>
    inBrowser(
      async (browser, site) => {
        const servers = await startTestServers();
        const url = `${servers.origins.authkit}/authkit/bench`;
        const initScript = Buffer.from(await scriptOf('functions for pages')).toString();
        const addresses = {} as Record<Name, string>;
        for (const name of names) {
          const markup = `${buttons[name]} id="connect" token-url="/token" base-url="${url}" data-token-url="/token" data-base-url="${url}">Connect</${buttons[name].slice(1)}>`;
          addresses[name] = await site.add({ scripts: [name], markup });
        }
        const measureVisit = (name: Name) =>
          visit(
            browser,
            addresses[name],
            async (page): Promise<Visit> => {
              const button = page.locator('#connect:defined');
              await button.waitFor({ state: 'visible' });
              const ready = await page.evaluate(() => performance.now());
              const visible = page.evaluate(() => window.bench.untilVisible());
              await button.click();
              await visible;
              return { ready, visible: await page.evaluate(() => performance.now()) };
            },
            { network: slowNetwork, initScript },
          );
        try {
          const measured = await rounds.measure(async (turn) => {
            const round = {} as Record<Name, Visit>;
            for (const name of inTurn(names, turn)) round[name] = await measureVisit(name);
            return round;
          });
          return [
            ...figuresOf(measured, 'ready', 'until the button works'),
            ...figuresOf(measured, 'visible', 'until AuthKit is visible after a click at once'),
          ];
        } finally {
          await servers.stop();
        }
      },
      // The host is on AuthKit's site: Chromium slows down a page with its frames of the same site.
      { hostname: '127.0.0.1' },
    ),
};

function figuresOf(rounds: Record<Name, Visit>[], part: keyof Visit, title: string): Figure[] {
  const values = rounds.map((round) => {
    const entries = names.map((name) => [name, round[name][part]] as const);
    return Object.fromEntries(entries) as Record<Name, number>;
  });
  return names.map((name) =>
    name === base
      ? {
          label: `${name}: ${title}`,
          unit: 'ms',
          ...spread(values.map((round) => round[name])),
          isPeer: true,
        }
      : { label: `${name}: ${title}`, unit: '×', ...ratiosTo(values, base)(name) },
  );
}
