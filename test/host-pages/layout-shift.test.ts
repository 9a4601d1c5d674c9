import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';

/** The rules in the docs by which nothing moves, and no bare label is seen, until the script is there. */

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

const src = '/pica-connect.min.js';
const origin = 'http://host.example';

const rulesOf = async (page: string): Promise<string> =>
  [...(await read(page)).matchAll(/```css\n(.*?)```/gs)].map(([, rule]) => rule).join('\n');

const forElements = await rulesOf('demo/docs/frameworks/html.md');
const forPlaceholders = await rulesOf('demo/docs/placeholders.md');

const below = '<p id="below">What stands below it</p>';

describe('until the script is there', () => {
  let browser: Browser;

  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  async function visit(rules: string, markup: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    const script = await read('dist/pica-connect.min.js');
    await page.route(`${origin}/**`, (route) =>
      route.request().url().endsWith(src)
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({
            contentType: 'text/html',
            body: `<!doctype html><html lang="en"><style>${rules}</style><body>${markup}${below}</body></html>`,
          }),
    );
    await page.goto(origin);
    return page;
  }

  /** Lets two frames be drawn: what has moved in the first is known in the second. */
  const drawn = (page: Page) =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    });

  /** How many layout shifts Chromium reports when the script comes. */
  async function shiftsIn(page: Page): Promise<number> {
    await drawn(page);
    await page.evaluate((url) => {
      const script = Object.assign(document.createElement('script'), { src: url });
      script.dataset.placeholders = '';
      document.head.append(script);
      return new Promise((resolve) => (script.onload = resolve));
    }, src);
    await page.evaluate(async () => {
      const element = document.querySelector('pica-connect-button, pica-connections-list');
      await (element as HTMLElementTagNameMap['pica-connect-button'] | null)?.updateComplete;
    });
    await drawn(page);
    return page.evaluate(
      () =>
        new Promise((resolve) => {
          let count = 0;
          const observer = new PerformanceObserver((list) => {
            count += list
              .getEntries()
              .filter(({ entryType }) => entryType === 'layout-shift').length;
            // The last one to come, as what is buffered comes in order.
            if (list.getEntriesByName('end').length > 0) resolve(count);
          });
          observer.observe({ type: 'layout-shift', buffered: true });
          observer.observe({ type: 'mark', buffered: true });
          performance.mark('end');
        }),
    );
  }

  const button = '<pica-connect-button>Connect Gmail</pica-connect-button>';
  const beside = '<span>beside</span>';

  for (const [what, rules, markup] of [
    ['the button', forElements, button],
    ['the button in a line of text', forElements, `<p>Mail: ${button} ${beside}</p>`],
    ['a div', forPlaceholders, '<div data-pica-connect="button">Connect Gmail</div>'],
    ['a p', forPlaceholders, '<p data-pica-connect="button">Connect Gmail</p>'],
    ['the list, given its height', forPlaceholders, '<div data-pica-connect="list"></div>'],
  ] as const) {
    it(`nothing moves, with the rule for ${what}`, async () => {
      const page = await visit(rules, markup);
      if (!what.includes('list')) {
        assert.equal(await page.getByText('Connect Gmail').isVisible(), false);
      }
      assert.equal(await shiftsIn(page), 0);
      const name = what.includes('list') ? 'Connections' : 'Connect Gmail';
      assert.ok(await page.getByText(name).first().isVisible());
      await page.context().close();
    });

    it(`without the rule for ${what} something does`, async () => {
      const page = await visit('', markup);
      assert.notEqual(await shiftsIn(page), 0);
      await page.context().close();
    });
  }
});
