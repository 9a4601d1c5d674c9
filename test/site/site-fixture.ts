import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { StaticSite } from './static-site.js';
import { launch } from '../end-to-end/chromium.js';

/** Opens the built pages in one browser. Each test has a new browser context, without stored data. */
export class SiteFixture {
  #browser: Browser | undefined;
  #site: StaticSite | undefined;
  #page: Page | undefined;
  /** Errors in the page's console. */
  errors: string[] = [];

  constructor() {
    before(async () => {
      [this.#browser, this.#site] = await Promise.all([launch(), StaticSite.start()]);
    });
    afterEach(async () => {
      await this.#page?.context().close();
      this.#page = undefined;
    });
    after(async () => {
      await this.#browser?.close();
      await this.#site?.stop();
    });
  }

  /** Adds a test that also fails if the page reports an error. */
  it(
    title: string,
    path: string,
    test: (page: Page) => Promise<unknown>,
    options?: BrowserContextOptions,
  ): void {
    it(title, async () => {
      const page = await this.open(path, options);
      await test(page);
      assert.deepEqual(this.errors, []);
    });
  }

  async open(path: string, options?: BrowserContextOptions): Promise<Page> {
    if (!this.#browser || !this.#site)
      throw new Error('The browser starts before the first test, not earlier.');
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(20_000);
    const page = (this.#page = await context.newPage());
    this.errors = [];
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
    await page.goto(this.addressOf(path));
    return page;
  }

  addressOf(path: string): string {
    return `${this.#site?.address ?? ''}/${path}`;
  }
}

/** Runs axe on a page, or on a part of it, with all rules or only with some. */
export async function violations(page: Page, within = 'html', rules?: string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(
    async ([selector, only]) => {
      const { run } = (window as unknown as { axe: typeof axe }).axe;
      const results = await run(selector, {
        resultTypes: ['violations'],
        ...(only && { runOnly: { type: 'rule', values: only } }),
      });
      return results.violations.flatMap(({ id, nodes }) =>
        nodes.map(
          ({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`,
        ),
      );
    },
    [within, rules] as const,
  );
}

/** How many pixels the page is wider than the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
