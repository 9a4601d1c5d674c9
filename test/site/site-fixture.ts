import assert from 'node:assert/strict';
import { after, afterEach, before, it } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { StaticSite } from './static-site.js';
import { launch } from '../end-to-end/chromium.js';

/** The built pages in one browser; each test has a page of somebody who was never there. */
export class SiteFixture {
  #browser: Browser | undefined;
  #site: StaticSite | undefined;
  #page: Page | undefined;
  /** What the page has complained about in the console. */
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

  /** A test of a page of the site, which may leave no error behind. */
  it(
    what: string,
    path: string,
    test: (page: Page) => Promise<unknown>,
    options?: BrowserContextOptions,
  ): void {
    it(what, async () => {
      const page = await this.open(path, options);
      await test(page);
      assert.deepEqual(this.errors, []);
    });
  }

  async open(path: string, options?: BrowserContextOptions): Promise<Page> {
    if (!this.#browser || !this.#site)
      throw new Error('There is no browser before the first test.');
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

/** What axe finds on a page as it is, or in a part of it, or by some rules alone. */
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

/** How wide the page is, beyond the window. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
