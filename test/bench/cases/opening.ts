import type { Browser } from 'playwright-core';
import { startTestServers } from '../../fixtures/servers/start.js';
import { startDistantServer } from '../distance.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inBrowser, untilIdle, visit } from '../first-visit.js';
import { inTurn } from '../rounds.js';
import type { ScriptName } from '../scripts.js';

const distance = { roundTripMs: 60, connectMs: 120 };

/**
 * Makes a visitor save data, so that nothing is downloaded before it is needed. Chromium's debugging protocol has no switch
 * for it.
 */
const saveData = `Object.defineProperty(NetworkInformation.prototype, 'saveData', { get: () => true })`;

interface Opening {
  label: string;
  script: ScriptName;
  /** A button that opens AuthKit at this URL. */
  markup: (authkit: string, tokenUrl: string) => string;
  /** Whether the pointer hovers over the button before the click until preloading has finished. */
  isHovered?: boolean;
  /** Whether the script's server is as far away as AuthKit's, and whether its later part is there before the click. */
  distantScript?: 'part there' | 'part not there yet';
  budget?: number;
  isPeer?: boolean;
  /** Whether the token endpoint is distant too. */
  hasDistantToken?: boolean;
}

const element = (attributes: string) => (authkit: string, tokenUrl: string) =>
  `<pica-connect-button id="connect" base-url="${authkit}" token-url="${tokenUrl}" ${attributes}>Connect</pica-connect-button>`;

/** The code from AuthKit's guide. */
const bare = (authkit: string, tokenUrl: string) => `<button id="connect">Connect</button>
  <script type="module">
    const { open } = useAuthKit({ baseUrl: '${authkit}', token: { url: '${tokenUrl}' } });
    connect.addEventListener('click', open);
  </script>`;

const wrapping = (authkit: string, tokenUrl: string) =>
  `<wrapping-button id="connect" data-base-url="${authkit}" data-token-url="${tokenUrl}">Connect</wrapping-button>`;

const base = 'bare useAuthKit';
const script = 'pica-connect.min.js';

const openings: Opening[] = [
  { label: base, script: 'AuthKit for a page', markup: bare, isPeer: true },
  {
    label: 'a button that wraps AuthKit',
    script: 'a button that wraps AuthKit',
    markup: wrapping,
    isPeer: true,
  },
  { label: 'cold', script, markup: element(''), budget: 0.75 },
  {
    label: 'cold, with a name to check',
    script,
    markup: element('selected-connection="Gmail"'),
    budget: 0.8,
  },
  {
    label: 'cold, with a name to check on a distant server',
    script,
    markup: element('selected-connection="Gmail"'),
    hasDistantToken: true,
  },
  {
    label: 'after a hover, preload="connect"',
    script,
    markup: element('preload="connect" selected-connection="Gmail"'),
    isHovered: true,
    budget: 0.4,
  },
  {
    label: 'after a hover, preload="page"',
    script,
    markup: element('preload="page" selected-connection="Gmail"'),
    isHovered: true,
    budget: 0.06,
  },
  {
    label: 'cold, pica-connect.js, part not there yet',
    script: 'pica-connect.js',
    markup: element(''),
    distantScript: 'part not there yet',
    budget: 1,
  },
  {
    label: 'cold, pica-connect.js, part there',
    script: 'pica-connect.js',
    markup: element(''),
    distantScript: 'part there',
    budget: 0.75,
  },
];

export const opening: Case = {
  name: 'opening',
  title: 'From the click until AuthKit is visible',
  against: `Multiples of bare useAuthKit, with a round trip of ${distance.roundTripMs} ms to AuthKit and ${distance.connectMs} ms to connect`,
  limits: { rounds: 9, seconds: 120 },
  measure: ({ rounds }) =>
    inBrowser(async (browser, site) => {
      const servers = await startTestServers();
      const [authkit, host, scripts] = await Promise.all(
        [servers.origins.authkit, servers.origins.endpoints, `http://localhost:${site.port}`].map(
          (origin) => startDistantServer(Number(new URL(origin).port), distance),
        ),
      );
      if (!authkit || !host || !scripts) throw new Error('A server is missing.');
      try {
        const measured = await rounds.measure(async (turn) => {
          const round: Record<string, number> = {};
          for (const opened of inTurn(openings, turn)) {
            const { label, distantScript, hasDistantToken } = opened;
            const address = await site.add({
              scripts: [opened.script, 'functions for pages'],
              scriptOrigin: distantScript && scripts.origin,
              markup: opened.markup(
                `${authkit.origin}/authkit/bench`,
                hasDistantToken ? `${host.origin}/bench/token` : '/token',
              ),
            });
            round[label] = await measureOpening(browser, address, opened);
          }
          return round;
        });
        return openings.map(({ label, budget, isPeer }): Figure =>
          label === base
            ? { label, unit: 'ms', ...spread(measured.map((round) => round[label] ?? NaN)), isPeer }
            : { label, unit: '×', ...ratiosTo(measured, base)(label), budget, isPeer },
        );
      } finally {
        await Promise.all([servers.stop(), authkit.close(), host.close(), scripts.close()]);
      }
    }),
};

/** Measures one opening in milliseconds, as a first-time visitor. */
function measureOpening(
  browser: Browser,
  address: string,
  { isHovered, distantScript }: Opening,
): Promise<number> {
  return visit(
    browser,
    address,
    async (page) => {
      // Users look at the page for a moment before they click.
      await untilIdle(page);
      if (distantScript === 'part there') await page.waitForLoadState('networkidle');
      const box = await page.locator('#connect').boundingBox();
      if (!box) throw new Error('There is no button.');
      const at = [box.x + box.width / 2, box.y + box.height / 2] as const;
      const visible = page.evaluate(() => window.bench.untilVisible());
      if (isHovered) {
        await page.mouse.move(...at);
        // Longer than any preloading takes.
        await page.waitForTimeout(1000);
      }
      await page.mouse.click(...at);
      return await visible;
    },
    { initScript: distantScript === 'part not there yet' ? saveData : undefined },
  );
}
