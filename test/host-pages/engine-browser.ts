import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer';
import { browserOptions } from '../end-to-end/chromium.js';
import {
  adviceFor,
  findBrowser,
  startWebKitDriver,
  type Browser,
  type Engine,
} from '../runner/browsers.js';
import { newWebKitSession } from '../runner/webkit-session.js';

/** A browser with one tab, its popup blocker on. Every visit begins with an empty cache. */
export interface EngineBrowser {
  /** Starts anew, with nothing stored, and opens this address. */
  visit(address: string): Promise<void>;
  reload(): Promise<void>;
  /** A click of the user at this point of the window. */
  clickAt(x: number, y: number): Promise<void>;
  /** The value of an expression in the page, or what its promise resolves to. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** @throws if the engine is not installed. */
export async function launchEngine(engine: Engine): Promise<EngineBrowser> {
  const browser = findBrowser(engine);
  if (!browser) throw new Error(`This test needs ${engine}: ${adviceFor(engine)}`);
  return await launchers[engine](browser);
}

const launchers: Record<Engine, (browser: Browser) => Promise<EngineBrowser>> = {
  chromium: async () => {
    // Playwright turns the blocker off.
    const ignoreDefaultArgs = ['--disable-popup-blocking'];
    const browser = await chromium.launch({ ...browserOptions(), ignoreDefaultArgs });
    let page = await browser.newPage();
    return {
      visit: async (address) => {
        await page.context().close();
        page = await browser.newPage();
        await page.goto(address);
      },
      reload: async () => {
        await page.reload();
      },
      clickAt: (x, y) => page.mouse.click(x, y),
      evaluate: (expression) => page.evaluate(expression),
      close: () => browser.close(),
    };
  },

  firefox: async ({ executablePath }) => {
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      // Puppeteer turns the blocker off.
      extraPrefsFirefox: { 'dom.disable_open_during_load': true },
    });
    let context = await browser.createBrowserContext();
    let page = await context.newPage();
    return {
      visit: async (address) => {
        await context.close();
        context = await browser.createBrowserContext();
        page = await context.newPage();
        await page.goto(address);
      },
      reload: async () => {
        await page.reload();
      },
      clickAt: (x, y) => page.mouse.click(x, y),
      evaluate: (expression) => page.evaluate(expression),
      close: () => browser.close(),
    };
  },

  webkit: async (browser) => {
    const driver = await startWebKitDriver(browser);
    let session = await newWebKitSession(browser, driver.port);
    return {
      visit: async (address) => {
        await session.deleteSession();
        session = await newWebKitSession(browser, driver.port);
        await session.navigateTo(address);
      },
      reload: () => session.refresh(),
      clickAt: (x, y) =>
        session.performActions([
          {
            type: 'pointer',
            id: 'mouse',
            parameters: { pointerType: 'mouse' },
            actions: [
              { type: 'pointerMove', x: Math.round(x), y: Math.round(y) },
              { type: 'pointerDown', button: 0 },
              { type: 'pointerUp', button: 0 },
            ],
          },
        ]),
      evaluate: async (expression) => {
        const script = `const done = arguments[0];
          (async () => ({ value: await (${expression}) }))().then(done, (error) => done({ error: String(error) }));`;
        const answer = (await session.executeAsyncScript(script, [])) as unknown as {
          value: unknown;
          error?: string;
        };
        if (answer.error !== undefined) throw new Error(answer.error);
        return answer.value;
      },
      close: async () => {
        await session.deleteSession();
        await driver.stop();
      },
    };
  },
};
