import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { Surroundings } from './surroundings.js';
import { launch } from './visit.js';

/*
 * Many openings in one page, as in an application that nobody ever reloads. In Chromium alone: its
 * debugging protocol counts what a page cannot count itself. The host and AuthKit are of one site here
 * (127.0.0.1): a frame of another site would cost a process each time.
 */
const before100 = 100;
const openings = 1000;

/** A leak of a single kilobyte at each opening would be more than this. */
const mostGrowth = (openings - before100) * 1024 * 0.5;

/** What is left at each opening would be hundreds. */
const tolerance = 3;

interface Counts {
  nodes: number;
  listeners: number;
  documents: number;
  frames: number;
  heap: number;
}

/**
 * Opens and ends AuthKit as often as that: by a script, by the user, and by the user after a success, in
 * turns. In the page itself: a thousand openings from outside would
 * take minutes. As text, as it has named functions, to which tsx adds calls that the page knows nothing of.
 */
const openMany = (times: number) => `(async () => {
  const button = document.querySelector('pica-connect-button');
  for (let opening = 0; opening < ${String(times)}; opening += 1) {
    const closed = button.open();
    const frame = document.querySelector('#event-link');
    const say = (message) => frame.contentWindow.postMessage({ puppet: 'say', message }, '*');
    while (button.status !== 'open') await new Promise((go) => setTimeout(go));
    const key = 'test::gmail::default::' + opening;
    const success = { messageType: 'LINK_SUCCESS', message: { key, platform: 'gmail' } };
    if (opening % 3 === 0) button.close();
    if (opening % 3 === 1) say({ messageType: 'EXIT_EVENT_LINK' });
    if (opening % 3 === 2) {
      const made = new Promise((go) => document.addEventListener('pica-success', go, { once: true }));
      say(success);
      await made;
      say({ messageType: 'EXIT_EVENT_LINK' });
    }
    await closed;
  }
})()`;

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

  async function count(): Promise<Counts> {
    // What has been let go of is collected in more than one round: frames first, then what they held.
    for (let round = 0; round < 5; round += 1) await debug.send('HeapProfiler.collectGarbage');
    const { metrics } = await debug.send('Performance.getMetrics');
    const of = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
    return {
      nodes: of('Nodes'),
      listeners: of('JSEventListeners'),
      documents: of('Documents'),
      frames: of('Frames'),
      heap: of('JSHeapUsedSize'),
    };
  }

  it('leave no node, listener, frame or object behind', async (test) => {
    await page.evaluate(openMany(before100));
    const first = await count();
    const began = Date.now();
    await page.evaluate(openMany(openings - before100));
    const { heap, ...counts } = await count();
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
