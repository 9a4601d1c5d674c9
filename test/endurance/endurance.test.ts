import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { HostEnvironment } from '../host-pages/host-environment.js';
import { launch } from '../end-to-end/chromium.js';
import { countObjects, maxBytesPerOpening, openMany } from './open-many.js';

/*
 * Many openings in one page, as in an application that is never reloaded. Runs only in Chromium, whose debugging
 * protocol counts objects that a page cannot count. The host and AuthKit are on the same site here (127.0.0.1), because
 * a frame of another site would start a process for each opening.
 */
const warmUpOpenings = 100;
const openings = 1000;

/** Less than a leak of a single kilobyte per opening. */
const maxHeapGrowth = (openings - warmUpOpenings) * maxBytesPerOpening;

/** A leak of one object per opening would be hundreds. */
const tolerance = 3;

describe(`${String(openings)} openings in one page`, () => {
  let environment: HostEnvironment;
  let browser: Browser;
  let page: Page;
  let debug: CDPSession;

  before(async () => {
    environment = await HostEnvironment.start('127.0.0.1');
    browser = await launch();
    // A small viewport, because painting takes most of the time.
    page = await browser.newPage({ viewport: { width: 200, height: 150 } });
    const { authkit } = environment.servers.origins;
    const markup = `<pica-connect-button token-url="${environment.tokenUrl}" base-url="${authkit}/authkit/endurance"></pica-connect-button>`;
    await page.goto(environment.page({ markup }));
    debug = await page.context().newCDPSession(page);
    await debug.send('Performance.enable');
  });
  after(async () => {
    await browser.close();
    await environment.close();
  });

  it('leave no node, listener, frame or object behind', async (test) => {
    await page.evaluate(openMany(warmUpOpenings));
    const first = await countObjects(debug);
    const began = Date.now();
    await page.evaluate(openMany(openings - warmUpOpenings));
    const { heap, ...counts } = await countObjects(debug);
    const { heap: firstHeap, ...firstCounts } = first;
    test.diagnostic(JSON.stringify({ first, last: { ...counts, heap }, ms: Date.now() - began }));
    for (const [what, number] of Object.entries(counts)) {
      const grown = number - firstCounts[what as keyof typeof counts];
      // Garbage collection can miss a node: differences of one have been seen.
      assert.ok(grown <= tolerance, `${String(grown)} ${what} more`);
    }
    assert.ok(
      heap - firstHeap < maxHeapGrowth,
      `the heap has grown by ${String(heap - firstHeap)}`,
    );
  });
});
