import type { Browser } from 'playwright-core';
import { launch } from '../../end-to-end/chromium.js';
import { startTestServers } from '../../fixtures/servers/start.js';
import { startDistantServer } from '../distance.js';
import { ratiosTo, spread, type Case, type Figure } from '../figures.js';
import { inTurn } from '../rounds.js';
import type { ScriptName } from '../scripts.js';
import { BenchSite } from '../site.js';

const distance = { roundTripMs: 60, connectMs: 120 };

interface Opening {
  label: string;
  script: ScriptName;
  /** A button that opens AuthKit at this URL. */
  markup: (authkit: string, tokenUrl: string) => string;
  /** Whether the pointer hovers over the button before the click until preloading has finished. */
  isHovered?: boolean;
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
    budget: 0.75,
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
    budget: 0.5,
  },
  {
    label: 'after a hover, preload="page"',
    script,
    markup: element('preload="page" selected-connection="Gmail"'),
    isHovered: true,
    budget: 0.1,
  },
];

export const opening: Case = {
  name: 'opening',
  title: 'From the click until AuthKit is visible',
  against: `Multiples of bare useAuthKit, with a round trip of ${distance.roundTripMs} ms to AuthKit and ${distance.connectMs} ms to connect`,
  limits: { rounds: 9, seconds: 120 },
  async measure({ rounds }) {
    const site = await BenchSite.start();
    const servers = await startTestServers();
    const authkit = await startDistantServer(
      Number(new URL(servers.origins.authkit).port),
      distance,
    );
    const host = await startDistantServer(
      Number(new URL(servers.origins.endpoints).port),
      distance,
    );
    const browser = await launch();
    try {
      const measured = await rounds.measure(async (turn) => {
        const round: Record<string, number> = {};
        for (const opened of inTurn(openings, turn)) {
          const tokenUrl = opened.hasDistantToken ? `${host.origin}/bench/token` : '/token';
          const markup = opened.markup(`${authkit.origin}/authkit/bench`, tokenUrl);
          const scripts: ScriptName[] = [opened.script, 'functions for pages'];
          round[opened.label] = await open(browser, await site.add({ scripts, markup }), opened);
        }
        return round;
      });
      return openings.flatMap(({ label, budget, isPeer }): Figure[] => [
        label === base
          ? { label, unit: 'ms', ...spread(measured.map((round) => round[label] ?? NaN)), isPeer }
          : { label, unit: '×', ...ratiosTo(measured, base)(label), budget, isPeer },
      ]);
    } finally {
      await browser.close();
      await Promise.all([site.close(), servers.stop(), authkit.close(), host.close()]);
    }
  },
};

/** Measures one opening in milliseconds, as a first-time visitor: nothing is cached or connected. */
async function open(browser: Browser, address: string, { isHovered }: Opening): Promise<number> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(address);
    // Users look at the page for a moment before they click.
    await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))');
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
  } finally {
    await context.close();
  }
}
