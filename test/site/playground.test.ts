import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { controlsFor, type Control } from '../../demo/app/pages/playground/controls.js';
import { themes } from '../../demo/app/pages/playground/themes.js';
import { PlaygroundPage } from './playground-page.js';
import { overflow, SiteFixture, violations } from './site-fixture.js';

const controls = controlsFor(['en']);
const gmail = 'selected-connection=Gmail';

/** A value that its control has not by itself. */
function otherValue({ kind, name, choices, initial }: Control): string {
  switch (kind) {
    case 'choice':
      return choices?.find((choice) => choice !== initial) ?? '';
    case 'switch':
      return 'true';
    case 'number':
      return '7';
    case 'json':
      return '{"x-test":"1"}';
    case 'color':
      return 'rgb(1, 2, 3)';
    case 'length':
      return '3px';
    case 'text':
      return name.endsWith('-url') ? `https://other.example/${name}` : `a ${name}`;
  }
}

describe('the playground in Chromium', () => {
  const fixture = new SiteFixture();

  function it(
    what: string,
    address: string,
    test: (playground: PlaygroundPage) => Promise<unknown>,
    options?: BrowserContextOptions,
  ): void {
    const path = `playground/${address && `#${address}`}`;
    fixture.it(
      what,
      path,
      async (page) => {
        const playground = new PlaygroundPage(page);
        if (!address.includes('show=button')) await playground.isReady();
        await test(playground);
      },
      options,
    );
  }

  it('has a control for every attribute and custom property of the manifest', '', async () => {
    const names = new Set(controls.map(({ name }) => name));
    for (const name of ['token-url', 'selected-connection', 'disabled', 'integrations-url']) {
      assert.ok(names.has(name), name);
    }
    assert.equal(controls.filter(({ purpose }) => purpose === 'property').length, 11);
    assert.deepEqual(controls.find(({ name }) => name === 'app-theme')?.choices, [
      ...['light', 'dark', 'auto'],
    ]);
    assert.equal(controls.find(({ name }) => name === 'debug')?.kind, 'switch');
    await Promise.resolve();
  });

  // The sandbox does not answer at the other addresses that are set here, which Chromium notes in the console.
  it('every control changes the live elements', 'token-check=off', async ({ page }) => {
    const live = new PlaygroundPage(page);
    await page.route('https://other.example/**', (route) => route.fulfill({ json: [] }));
    await live.openGroups();
    for (const control of controls.filter(({ purpose }) => purpose !== 'page')) {
      const { name, purpose, kind, tags } = control;
      // What the element itself makes of it, whatever way it got there.
      const effect = () =>
        page.evaluate(
          ({ tag, name, purpose }) => {
            const element = document.querySelector<HTMLElement>(`#preview ${tag}`);
            if (!element) return 'nothing';
            if (purpose === 'slot') return element.textContent;
            if (purpose === 'property') return getComputedStyle(element).getPropertyValue(name);
            const property = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
            return JSON.stringify((element as unknown as Record<string, unknown>)[property]);
          },
          { tag: tags[0] ?? '', name, purpose },
        );
      const before = await effect();
      const field = live.field(name);
      const value = name === 'token-check' ? 'auto' : otherValue(control);
      if (kind === 'switch') await field.check();
      else if (kind === 'choice') await field.selectOption(value);
      else await field.fill(value);
      assert.notEqual(await effect(), before, name);
      // So that the next is seen alone.
      if (kind === 'switch') await field.uncheck();
      else if (kind === 'choice') await field.selectOption(control.initial);
      else await field.fill(control.initial);
    }
  });

  it('what is chosen for the page changes what is around the elements', '', async ({ page }) => {
    const live = new PlaygroundPage(page);
    await live.field('dir').selectOption('rtl');
    assert.equal(await page.locator('#preview').getAttribute('dir'), 'rtl');
    await live.field('scheme').selectOption('dark');
    assert.equal(await live.list.evaluate((list) => getComputedStyle(list).colorScheme), 'dark');
    await live.field('theme').selectOption('sunset');
    const radius = await live.button.evaluate((button) =>
      getComputedStyle(button).getPropertyValue('--pica-radius'),
    );
    assert.equal(radius, '999px');
    await live.field('show').selectOption('list');
    await live.button.waitFor({ state: 'detached' });
  });

  it('makes a whole connection without a backend', gmail, async (playground) => {
    await playground.connect();
    await playground.rows.filter({ hasText: 'Gmail' }).waitFor();
    for (const name of ['pica-open', 'pica-success', 'pica-close']) {
      await playground.event(name).waitFor();
    }
    const detail = await playground.event('pica-success').locator('pre').textContent();
    assert.match(detail ?? '', /"platform": "gmail"/);
    await playground.page.reload();
    await playground.rows.filter({ hasText: 'Gmail' }).waitFor();
  });

  it('disconnects, and connects anew from the list', gmail, async (playground) => {
    await playground.connect();
    await playground.rows.getByRole('button', { name: 'Disconnect' }).click();
    await playground.rows.locator('[data-action="confirm"]').click();
    await playground.event('pica-disconnect').waitFor();
    await playground.rows.filter({ hasText: 'Gmail' }).waitFor({ state: 'detached' });
  });

  it('simulates denial', `simulate=denial&${gmail}`, async (playground) => {
    await playground.openConsent();
    await playground.authkit.getByRole('heading', { name: 'Gmail is not connected' }).waitFor();
    const detail = await playground.event('pica-error').locator('pre').textContent();
    assert.match(detail ?? '', /connection-failed/);
    assert.equal(await playground.rows.count(), 0);
  });

  it('simulates a save that fails', `simulate=failing-save&${gmail}`, async (playground) => {
    await playground.connect();
    await playground.page.locator('pica-connect-button[status="unsaved"]').waitFor();
    const detail = await playground.event('pica-error').locator('pre').textContent();
    assert.match(detail ?? '', /save-failed/);
    // The browser notes every answer of this kind in its console.
    fixture.errors = fixture.errors.filter((error) => !error.includes('422'));
  });

  it('simulates a slow backend', 'simulate=slow', async ({ page, list }) => {
    const connectionsUrl = await list.getAttribute('connections-url');
    assert.match(connectionsUrl ?? '', /\/simulate\/slow\/api\/connections$/);
    // The slow one is asked first, and answers last.
    const first = await page.evaluate(
      async (slow) => (await Promise.race([fetch(slow), fetch('api/connections')])).url,
      connectionsUrl ?? '',
    );
    assert.doesNotMatch(first, /slow/);
  });

  it('the address holds what was set, and sets it elsewhere', '', async (playground) => {
    await playground.openGroups();
    await playground.field('selected-connection').fill('Slack & "Co"');
    await playground.field('debug').check();
    await playground.field('app-theme').selectOption('dark');
    await playground.field('--pica-accent').fill('#123456');
    await playground.field('theme').selectOption('forest');
    await playground.field('token-url').fill('');
    const { page } = playground;
    const snippet = await playground.snippet.textContent();
    const address = page.url();

    await page.goto('about:blank');
    await page.goto(address);
    await playground.openGroups();
    assert.equal(await playground.field('selected-connection').inputValue(), 'Slack & "Co"');
    assert.equal(await playground.field('debug').isChecked(), true);
    assert.equal(await playground.field('app-theme').inputValue(), 'dark');
    assert.equal(await playground.field('--pica-accent').inputValue(), '#123456');
    assert.equal(await playground.field('token-url').inputValue(), '');
    assert.equal(await playground.button.getAttribute('token-url'), null);
    assert.equal(await playground.snippet.textContent(), snippet);
    assert.equal(page.url(), address);
  });

  it(
    'says what it cannot take of an address, and takes the rest',
    'colour=red&app-theme=blue&timeout=soon&--pica-radius=1px;color:red&debug=true',
    async ({ page }) => {
      const words = await page.locator('#ignored').textContent();
      for (const name of ['colour', 'app-theme', 'timeout', '--pica-radius']) {
        assert.ok(words?.includes(name), name);
      }
      assert.match(page.url(), /#debug=true$/);
      assert.equal(await page.locator('#controls [name="debug"]').isChecked(), true);
    },
  );

  it('an address that is changed while it is open is read again', '', async ({ page }) => {
    await page.evaluate(() => (location.hash = 'selected-connection=Slack'));
    await page.locator('pica-connect-button[selected-connection="Slack"]').waitFor();
  });

  it(
    'copies the code that it shows, and the address',
    gmail,
    async ({ page, snippet }) => {
      const copied = () => page.evaluate(() => navigator.clipboard.readText());
      await page.getByRole('button', { name: 'Svelte' }).click();
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.equal(await copied(), await snippet.textContent());
      await page.getByRole('button', { name: 'Copy address' }).click();
      await page.getByText('The address is copied.').waitFor();
      assert.equal(await copied(), page.url());
    },
    { permissions: ['clipboard-read', 'clipboard-write'] },
  );

  it('can be used by keyboard alone', '', async ({ page }) => {
    const live = new PlaygroundPage(page);
    await live.field('selected-connection').focus();
    await page.keyboard.type('Slack');
    await page.keyboard.press('Tab');
    await live.button.getByRole('button', { name: 'Connect Slack' }).waitFor();
    await live.button.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await live.authkit.getByRole('button', { name: 'Continue to Slack' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#event-link').waitFor({ state: 'detached' });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(
      `axe finds nothing to complain about in ${colorScheme} colors, in both directions and every theme`,
      '',
      async (playground) => {
        const { page } = playground;
        await page.getByRole('button', { name: 'Add examples' }).click();
        await playground.rows.nth(11).waitFor();
        await playground.openGroups();
        assert.deepEqual(await violations(page), []);
        await playground.field('dir').selectOption('rtl');
        for (const theme of Object.keys(themes)) {
          await playground.field('theme').selectOption(theme);
          assert.deepEqual(await violations(page, '#preview', ['color-contrast']), [], theme);
        }
      },
      { colorScheme },
    );
  }

  for (const dir of ['ltr', 'rtl']) {
    it(
      `nothing is wider than a screen of 320 px, ${dir}`,
      `dir=${dir}&debug=true`,
      async (playground) => {
        await playground.page.getByRole('button', { name: 'Add examples' }).click();
        await playground.rows.nth(11).waitFor();
        await playground.openGroups();
        for (const framework of ['HTML', 'React', 'Vue', 'Angular', 'Svelte', 'WordPress']) {
          await playground.page.getByRole('button', { name: framework, exact: true }).click();
          assert.equal(await overflow(playground.page), 0, framework);
        }
      },
      { viewport: { width: 320, height: 640 } },
    );
  }
});
