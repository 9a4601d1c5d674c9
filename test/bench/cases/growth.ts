import {
  countObjects,
  maxBytesPerOpening,
  openMany,
  type Counts,
} from '../../endurance/open-many.js';
import { startTestServers } from '../../fixtures/servers/start.js';
import { exactly, type Case, type Figure } from '../figures.js';
import { inBrowser, visit } from '../first-visit.js';

const openings = 1_000;
/** Objects that are created only once exist after these. */
const warmUpOpenings = 100;

/** Garbage collection can miss a few nodes. */
const maxGrowth: Record<keyof Counts, number> = {
  nodes: 3,
  listeners: 3,
  documents: 3,
  frames: 3,
  heap: openings * maxBytesPerOpening,
};
const titles: Record<keyof Counts, string> = {
  nodes: 'nodes',
  listeners: 'listeners',
  documents: 'documents',
  frames: 'frames',
  heap: 'bytes of heap',
};

export const growth: Case = {
  name: 'growth',
  title: '1,000 openings of AuthKit in one page',
  against: `Increase after ${warmUpOpenings} warm-up openings, once garbage has been collected`,
  measure: ({ progress }) =>
    inBrowser(
      async (browser, site) => {
        const servers = await startTestServers();
        const markup = `<pica-connect-button token-url="/token" base-url="${servers.origins.authkit}/authkit/bench"></pica-connect-button>`;
        const address = await site.add({ scripts: ['pica-connect.min.js'], markup });
        const measured = visit(browser, address, async (page, debug) => {
          // Painting takes most of the time.
          await page.setViewportSize({ width: 200, height: 150 });
          progress('warming up');
          await page.evaluate(openMany(warmUpOpenings));
          const first = await countObjects(debug);
          for (let done = 0; done < openings; done += 100) {
            progress(`${done} of ${openings}`);
            await page.evaluate(openMany(100));
          }
          const last = await countObjects(debug);
          return (Object.keys(titles) as (keyof Counts)[]).map((kind): Figure => ({
            label: titles[kind],
            unit: '',
            ...exactly(last[kind] - first[kind]),
            budget: maxGrowth[kind],
          }));
        });
        return measured.finally(() => servers.stop());
      },
      // The host is on AuthKit's site: a frame of another site would start a process for each opening.
      { hostname: '127.0.0.1' },
    ),
};
