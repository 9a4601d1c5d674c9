import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';

/*
 * The docs have CSS rules that reserve the elements' space and hide their unstyled labels until the script has
 * loaded.
 */

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');

const src = '/pica-connect.min.js';
const origin = 'http://host.example';

const rulesOf = async (page: string): Promise<string> =>
  [...(await read(page)).matchAll(/```css\n(.*?)```/gs)].map(([, rule]) => rule).join('\n');

const forElements = await rulesOf('demo/docs/frameworks/html.md');
const forPlaceholders = await rulesOf('demo/docs/placeholders.md');

const paragraphBelow = '<p id="below">What stands below it</p>';

describe('when the script loads', () => {
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
            body: `<!doctype html><html lang="en"><style>${rules}</style><body>${markup}${paragraphBelow}</body></html>`,
          }),
    );
    await page.goto(origin);
    return page;
  }

  /** Waits for two frames: Chromium reports the shifts of the first one in the second. */
  const waitForPaint = (page: Page) =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    });

  /** Loads the script and counts the layout shifts that Chromium reports. */
  async function countShifts(page: Page): Promise<number> {
    await waitForPaint(page);
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
    await waitForPaint(page);
    return page.evaluate(
      () =>
        new Promise((resolve) => {
          let count = 0;
          const observer = new PerformanceObserver((list) => {
            count += list
              .getEntries()
              .filter(({ entryType }) => entryType === 'layout-shift').length;
            // Buffered entries arrive in order, so all shifts have arrived before this mark.
            if (list.getEntriesByName('end').length > 0) resolve(count);
          });
          observer.observe({ type: 'layout-shift', buffered: true });
          observer.observe({ type: 'mark', buffered: true });
          performance.mark('end');
        }),
    );
  }

  const button = '<pica-connect-button>Connect Gmail</pica-connect-button>';
  const neighbor = '<span>beside</span>';

  for (const [name, rules, markup] of [
    ['the button', forElements, button],
    ['the button in a line of text', forElements, `<p>Mail: ${button} ${neighbor}</p>`],
    [
      'a div as a placeholder',
      forPlaceholders,
      '<div data-pica-connect="button">Connect Gmail</div>',
    ],
    ['a p as a placeholder', forPlaceholders, '<p data-pica-connect="button">Connect Gmail</p>'],
    ['the list with a fixed height', forPlaceholders, '<div data-pica-connect="list"></div>'],
  ] as const) {
    it(`nothing moves on a page with the rule for ${name}`, async () => {
      const page = await visit(rules, markup);
      if (!name.includes('list')) {
        assert.equal(await page.getByText('Connect Gmail').isVisible(), false);
      }
      assert.equal(await countShifts(page), 0);
      const text = name.includes('list') ? 'Connections' : 'Connect Gmail';
      assert.ok(await page.getByText(text).first().isVisible());
      await page.context().close();
    });

    it(`something moves on a page without the rule for ${name}`, async () => {
      const page = await visit('', markup);
      assert.notEqual(await countShifts(page), 0);
      await page.context().close();
    });
  }
});
