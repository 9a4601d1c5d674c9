import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';
import { HostEnvironment } from '../host-pages/host-environment.js';
import { PageServer } from '../visual/page-server.js';
import { now } from '../visual/pages.js';
import { listScreens } from '../visual/screens.js';
import { treeOf } from './accessibility-tree.js';

/*
 * Compares Chromium's accessibility tree of every screen with the text file in trees/. After
 * `npm test -- accessibility --update`, which writes the files again, review what has changed.
 */

const isUpdate = process.env.BASELINES_UPDATE === 'true';
const treesFolder = new URL('trees/', import.meta.url);

function compare(name: string, tree: string): void {
  const file = new URL(`${name}.txt`, treesFolder);
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

describe('the accessibility tree of the list is unchanged', () => {
  let server: PageServer;
  before(async () => {
    server = await PageServer.start();
  });
  after(() => server.close());

  for (const [name, { path, endpoints, act }] of Object.entries(listScreens)) {
    it(`on the screen "${name}"`, async () => {
      server.endpoints = endpoints?.(server.origin) ?? {};
      const page = await open(`${server.origin}${path}`);
      const evaluate = (run: unknown, argument: unknown) =>
        page.evaluate(run as never, argument) as never;
      await act({ evaluate }, server.endpoints);
      compare(`list-${name}`, await treeOf(page));
      await page.context().close();
    });
  }
});

describe('the accessibility tree of the button is unchanged', () => {
  let environment: HostEnvironment;
  before(async () => {
    environment = await HostEnvironment.start();
  });
  after(() => environment.close());

  const press = (page: Page) => page.getByRole('button', { name: 'Connect Gmail' }).press('Enter');
  const waitFor = (page: Page, selector: string) =>
    page.locator(`pica-connect-button ${selector}`).first().waitFor();
  /** The first button of AuthKit's page. */
  const continueButton = (page: Page) =>
    page.frameLocator('#event-link').getByRole('button', { name: 'Continue to Gmail' });

  const connect = async (page: Page, save: 'pending' | 'failing') => {
    await page.evaluate((outcome) => {
      document.addEventListener('pica-success', (event) => {
        const saved =
          outcome === 'failing' ? Promise.reject(new Error('No')) : new Promise(() => {});
        event.waitUntil(saved);
      });
    }, save);
    await press(page);
    const [popup] = await Promise.all([page.waitForEvent('popup'), continueButton(page).click()]);
    await popup.getByRole('button', { name: 'Allow' }).click();
    await page.frameLocator('#event-link').getByText('Gmail is connected').first().waitFor();
    await page.evaluate(() => document.querySelector('pica-connect-button')?.close());
    await page.locator('#event-link').waitFor({ state: 'detached' });
  };

  interface ButtonScreen {
    attributes?: string;
    tokenUrl?: string;
    act: (page: Page) => Promise<unknown>;
  }

  const buttonScreens: Record<string, ButtonScreen> = {
    idle: { act: (page) => waitFor(page, 'button') },
    disabled: { attributes: 'disabled', act: (page) => waitFor(page, 'button') },
    loading: {
      act: async (page) => {
        await page.route(`${environment.authkit}**`, () => {});
        await press(page);
        await page.getByRole('button', { name: 'Cancel' }).waitFor();
      },
    },
    open: {
      act: async (page) => {
        await press(page);
        await continueButton(page).waitFor();
      },
    },
    saving: {
      act: async (page) => {
        await connect(page, 'pending');
        await waitFor(page, '[aria-busy="true"]');
      },
    },
    unsaved: {
      act: async (page) => {
        await connect(page, 'failing');
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

  for (const [name, { attributes = '', tokenUrl, act }] of Object.entries(buttonScreens)) {
    it(`on the screen "${name}"`, async () => {
      const markup = environment.button(`selected-connection="Gmail" ${attributes}`, tokenUrl);
      const page = await open(environment.page({ markup }));
      await act(page);
      compare(`button-${name}`, await treeOf(page));
      await page.context().close();
    });
  }
});
