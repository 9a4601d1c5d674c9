import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';
import { Surroundings } from '../host-pages/surroundings.js';
import { HostPage } from '../visual/host-page.js';
import { now } from '../visual/pages.js';
import { listViews } from '../visual/views.js';
import { treeOf } from './tree.js';

/*
 * What assistive technology is told in every view: Chromium's accessibility tree, kept as text in trees/, one
 * file a view. `npm test -- accessibility` compares, with `--update` it writes them anew: read what has changed.
 */

const isUpdate = process.env.BASELINES_UPDATE === 'true';
const trees = new URL('trees/', import.meta.url);

function compare(name: string, tree: string): void {
  const file = new URL(`${name}.txt`, trees);
  if (isUpdate) writeFileSync(file, tree);
  assert.ok(existsSync(file), `There is no tree of ${name}: npm test -- accessibility --update`);
  assert.equal(tree, readFileSync(file, 'utf8'));
}

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

async function open(address: string): Promise<Page> {
  const context = await browser.newContext({ timezoneId: 'UTC', locale: 'en-US' });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  await page.clock.setFixedTime(now);
  await page.goto(address);
  return page;
}

describe('what assistive technology is told of the list', () => {
  let host: HostPage;
  before(async () => {
    host = await HostPage.start();
  });
  after(() => host.close());

  for (const [name, { path, endpoints, act }] of Object.entries(listViews)) {
    it(name, async () => {
      host.endpoints = endpoints?.(host.origin) ?? {};
      const page = await open(`${host.origin}${path}`);
      const evaluate = (run: unknown, given: unknown) =>
        page.evaluate(run as never, given) as never;
      await act({ evaluate }, host.endpoints);
      compare(`list-${name}`, await treeOf(page));
      await page.context().close();
    });
  }
});

describe('what assistive technology is told of the button', () => {
  let around: Surroundings;
  before(async () => {
    around = await Surroundings.start();
  });
  after(() => around.close());

  const press = (page: Page) => page.getByRole('button', { name: 'Connect Gmail' }).press('Enter');
  const isThere = (page: Page, selector: string) =>
    page.locator(`pica-connect-button ${selector}`).first().waitFor();
  /** AuthKit's page, once it can be used. */
  const authkit = (page: Page) =>
    page.frameLocator('#event-link').getByRole('button', { name: 'Continue to Gmail' });

  const connect = async (page: Page, save: 'waits' | 'fails') => {
    await page.evaluate((how) => {
      document.addEventListener('pica-success', (event) => {
        const saved = how === 'fails' ? Promise.reject(new Error('No')) : new Promise(() => {});
        event.waitUntil(saved);
      });
    }, save);
    await press(page);
    const [popup] = await Promise.all([page.waitForEvent('popup'), authkit(page).click()]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await page.frameLocator('#event-link').getByText('Gmail is connected').first().waitFor();
    await page.evaluate(() => document.querySelector('pica-connect-button')?.close());
    await page.locator('#event-link').waitFor({ state: 'detached' });
  };

  interface View {
    attributes?: string;
    tokenUrl?: string;
    act: (page: Page) => Promise<unknown>;
  }

  const views: Record<string, View> = {
    idle: { act: (page) => isThere(page, 'button') },
    disabled: { attributes: 'disabled', act: (page) => isThere(page, 'button') },
    loading: {
      act: async (page) => {
        await page.route(`${around.authkit}**`, () => {});
        await press(page);
        await page.getByRole('button', { name: 'Cancel' }).waitFor();
      },
    },
    open: {
      act: async (page) => {
        await press(page);
        await authkit(page).waitFor();
      },
    },
    saving: {
      act: async (page) => {
        await connect(page, 'waits');
        await isThere(page, '[aria-busy="true"]');
      },
    },
    unsaved: {
      act: async (page) => {
        await connect(page, 'fails');
        await page.getByRole('button', { name: 'Retry' }).waitFor();
      },
    },
    debug: {
      attributes: 'debug',
      tokenUrl: 'ftp://example.com',
      act: async (page) => {
        await press(page);
        await page.getByText('Failed checks: 1 of 1.').waitFor();
      },
    },
  };

  for (const [name, { attributes = '', tokenUrl, act }] of Object.entries(views)) {
    it(name, async () => {
      const markup = around.button(`selected-connection="Gmail" ${attributes}`, tokenUrl);
      const page = await open(around.page({ markup }));
      await act(page);
      compare(`button-${name}`, await treeOf(page));
      await page.context().close();
    });
  }
});
