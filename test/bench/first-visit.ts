import type { Browser, CDPSession, Page } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';
import { BenchSite } from './site.js';

export interface Visitor {
  /** How much slower the processor is. */
  cpuSlowdown?: number;
  network?: Network;
  /** Runs before the scripts of the page. */
  initScript?: string | undefined;
}

export interface Network {
  megabitsPerSecond: number;
  roundTripMs: number;
}

/** Starts a browser and a host's website for `measure`, and ends both after it. */
export async function inBrowser<Result>(
  measure: (browser: Browser, site: BenchSite) => Promise<Result>,
  { hostname }: { hostname?: string } = {},
): Promise<Result> {
  const site = await BenchSite.start(hostname);
  const browser = await launch('--js-flags=--expose-gc');
  try {
    return await measure(browser, site);
  } finally {
    await browser.close();
    await site.close();
  }
}

/** Opens `address` as a new visitor, in a process of its own: nothing is cached, connected, compiled or warm. */
export async function visit<Result>(
  browser: Browser,
  address: string,
  measure: (page: Page, debug: CDPSession) => Promise<Result>,
  { cpuSlowdown = 1, network, initScript }: Visitor = {},
): Promise<Result> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  try {
    const page = await context.newPage();
    const debug = await context.newCDPSession(page);
    // The thread's own time, which other load on the machine does not affect.
    await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
    if (cpuSlowdown > 1) {
      await debug.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown });
    }
    if (network) await slowDown(debug, network);
    if (initScript !== undefined) await page.addInitScript(initScript);
    await page.goto(address, { waitUntil: network ? 'commit' : 'load' });
    return await measure(page, debug);
  } finally {
    await context.close();
  }
}

async function slowDown(debug: CDPSession, { megabitsPerSecond, roundTripMs }: Network) {
  const bytesPerSecond = (megabitsPerSecond * 1_000_000) / 8;
  await debug.send('Network.enable');
  await debug.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: roundTripMs,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}

/** Waits until the page has nothing to do. */
export async function untilIdle(page: Page): Promise<void> {
  await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve))');
}

/** Adds up some of Chromium's counters for the page's main thread, in milliseconds. */
export async function mainThreadMs(debug: CDPSession, ...counters: string[]): Promise<number> {
  const { metrics } = await debug.send('Performance.getMetrics');
  const valueOf = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? NaN;
  return counters.reduce((sum, counter) => sum + valueOf(counter), 0) * 1000;
}

/** Takes a step of page/timing.ts, and returns how long the page's main thread works until the next frame. */
export async function measureStep(page: Page, debug: CDPSession, step: string): Promise<number> {
  await page.evaluate(() => window.bench.settle());
  const before = await mainThreadMs(debug, 'TaskDuration');
  await page.evaluate((name) => window.bench.take(name), step);
  return (await mainThreadMs(debug, 'TaskDuration')) - before;
}
