import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';
import { AppHost } from './app-host.js';
import { AppPage } from './app-page.js';
import { InstalledApp } from './installed-app.js';

/*
 * A real app that uses the packed package. It has the same features in every framework, which
 * demo/examples/frameworks/README.md lists, and is written as the framework's users would.
 */
const folder = process.env.PACKAGES_SUBJECT ?? 'demo/examples/frameworks/react-19';
const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
  scripts: Partial<Record<'check' | 'build' | 'start', string>>;
};

describe(`an app with ${basename(folder)}`, () => {
  let installed: InstalledApp;
  let host: AppHost;
  let browser: Browser;
  let app: AppPage;

  before(async () => {
    installed = await InstalledApp.from(folder);
    // All servers are on this machine, and Chromium would ask before it lets a public page use the local network.
    browser = await launch('--disable-features=LocalNetworkAccessChecks');
    host = await AppHost.start();
  });
  after(async () => {
    await browser.close();
    await host.close();
    await installed.remove();
  });

  if (scripts.check) {
    it('passes its type check', async () => {
      await installed.run('npm', 'run', 'check');
    });
  }

  it('is built for production', async () => {
    await installed.run('npm', 'run', 'build');
    if (scripts.start) await host.run(installed.folder);
    else host.serve(installed.path('dist'));
  });

  describe('in a browser', () => {
    before(async () => {
      app = await AppPage.open(browser, host);
    });
    after(() => app.context.close());
    afterEach(() => {
      assert.deepEqual(app.consoleErrors.splice(0), []);
    });

    it('connects an account, stores it and shows it in the list', async () => {
      await app.connect('#example pica-connect-button', 'Gmail');
      await app.rows('#example pica-connections-list').filter({ hasText: 'Gmail' }).waitFor();
      assert.deepEqual(
        host.rows.map(({ platform }) => platform),
        ['gmail'],
      );
    });

    it('connects another account with the same button', async () => {
      await app.connect('#example pica-connect-button', 'Gmail');
      await app.rows('#example pica-connections-list').nth(1).waitFor();
      assert.equal(host.rows.length, 2);
    });

    it('receives every event through the framework’s binding', async () => {
      await app.connect('#conditional', 'Slack');
      await app.waitForText('#events', 'pica-open pica-success pica-close');
    });

    it('sets arrays as properties, and sets them again when they change', async () => {
      assert.equal(await app.teams.count(), 2);
      await app.page.locator('#more').click();
      await app.teams.nth(2).waitFor();
    });

    it('sets booleans', async () => {
      assert.equal(await app.button('#dynamic-label').isDisabled(), false);
      await app.page.locator('#disable').click();
      await app.page.locator('#dynamic-label[disabled]').waitFor();
      assert.equal(await app.button('#dynamic-label').isDisabled(), true);
    });

    it('renders children of the elements, and updates them', async () => {
      await app.waitForText('#controlled [slot="heading"]', '3 accounts');
      await app.waitForText('#dynamic-label', 'Connect 3 accounts');
      await app.page.locator('#more').click();
      await app.waitForText('#controlled [slot="heading"]', '4 accounts');
      await app.waitForText('#dynamic-label', 'Connect 4 accounts');
    });

    it('handles an event that requests an action', async () => {
      const row = app.teams.first();
      await row.getByRole('button', { name: /^Disconnect/ }).click();
      await row
        .getByRole('button', { name: /^Disconnect/ })
        .last()
        .click();
      await app.waitForText('#controlled [slot="heading"]', '3 accounts');
    });

    it('removes an element and adds it again', async () => {
      await app.page.locator('#toggle').click();
      await app.page.locator('#conditional').waitFor({ state: 'detached' });
      await app.page.locator('#toggle').click();
      await app.button('#conditional').waitFor();
    });

    it('closes AuthKit when it removes the element that opened it', async () => {
      await app.button('#conditional').click();
      await app.authkit.getByRole('button', { name: 'Continue to Slack' }).waitFor();
      await app.clickBehind('#toggle');
      await app.waitUntilClosed();
      assert.equal(await app.page.locator('[data-pica-connect-modal]').count(), 0);
      await app.page.locator('#toggle').click();
      await app.connect('#conditional', 'Slack');
    });

    it('renders several elements, and moves them when their order changes', async () => {
      const names = () =>
        app.page.locator('#many pica-connect-button').evaluateAll((all) =>
          all.map((element) => {
            const { selectedConnection } = element as HTMLElement & { selectedConnection: string };
            return `${selectedConnection} ${(element as { marker?: string }).marker ?? ''}`.trim();
          }),
        );
      assert.deepEqual(await names(), ['Gmail', 'Slack', 'HubSpot']);
      await app.page
        .locator('#many pica-connect-button')
        .first()
        .evaluate((element) => Object.assign(element, { marker: 'first' }));
      await app.page.locator('#reverse').click();
      await app.page
        .locator('#many li:last-child', { hasText: 'Gmail' })
        .waitFor({ state: 'attached' });
      assert.deepEqual(await names(), ['HubSpot', 'Slack', 'Gmail first']);
    });
  });

  if (!scripts.start) return;

  it('renders the elements on its server', async () => {
    const html = await (await fetch(host.origin)).text();
    assert.match(html, /<pica-connect-button[^>]*>/);
    assert.match(html, /<pica-connections-list[^>]*>/);
  });
});
