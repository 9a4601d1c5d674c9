import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { Surroundings } from '../host-pages/surroundings.js';
import { launch } from '../end-to-end/visit.js';
import { countObjects, mostBytesPerOpening, openMany } from './open-many.js';

/*
 * Many openings in one page, as in an application that nobody ever reloads. In Chromium alone: its
 * debugging protocol counts what a page cannot count itself. The host and AuthKit are of one site here
 * (127.0.0.1): a frame of another site would cost a process each time.
 */
const before100 = 100;
const openings = 1000;

/** A leak of a single kilobyte at each opening would be more than this. */
const mostGrowth = (openings - before100) * mostBytesPerOpening;

/** What is left at each opening would be hundreds. */
const tolerance = 3;

describe(`${String(openings)} openings in one page`, () => {
  let surroundings: Surroundings;
  let browser: Browser;
  let page: Page;
  let debug: CDPSession;

  before(async () => {
    surroundings = await Surroundings.start('127.0.0.1');
    browser = await launch();
    // Small, as most of the time goes into painting.
    page = await browser.newPage({ viewport: { width: 200, height: 150 } });
    const { authkit } = surroundings.servers.origins;
    const markup = `<pica-connect-button token-url="${surroundings.tokenUrl}" base-url="${authkit}/authkit/endurance"></pica-connect-button>`;
    await page.goto(surroundings.page({ markup }));
    debug = await page.context().newCDPSession(page);
    await debug.send('Performance.enable');
  });
  after(async () => {
    await browser.close();
    await surroundings.close();
  });

  it('leave no node, listener, frame or object behind', async (test) => {
    await page.evaluate(openMany(before100));
    const first = await countObjects(debug);
    const began = Date.now();
    await page.evaluate(openMany(openings - before100));
    const { heap, ...counts } = await countObjects(debug);
    const { heap: firstHeap, ...firstCounts } = first;
    test.diagnostic(JSON.stringify({ first, last: { ...counts, heap }, ms: Date.now() - began }));
    for (const [what, number] of Object.entries(counts)) {
      const grown = number - firstCounts[what as keyof typeof counts];
      // Garbage is not always collected to the last node: one less or more has been seen.
      assert.ok(grown <= tolerance, `${String(grown)} ${what} more`);
    }
    assert.ok(heap - firstHeap < mostGrowth, `the heap has grown by ${String(heap - firstHeap)}`);
  });
});
