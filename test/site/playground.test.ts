import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { BrowserContextOptions } from 'playwright-core';
import { controlsFor, type Control } from '../../demo/app/pages/playground/controls.js';
import { themes } from '../../demo/app/pages/playground/themes.js';
import { PlaygroundPage } from './playground-page.js';
import { overflow, SiteFixture, violations } from './site-fixture.js';

const controls = controlsFor(['en']);
const gmail = 'selected-connection=Gmail';

/** A value other than the control's initial one. */
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
    title: string,
    address: string,
    test: (playground: PlaygroundPage) => Promise<unknown>,
    options?: BrowserContextOptions,
  ): void {
    const path = `playground/${address && `#${address}`}`;
    fixture.it(
      title,
      path,
      async (page) => {
        const playground = new PlaygroundPage(page);
        if (!address.includes('show=button')) await playground.waitUntilReady();
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

  // The sandbox doesn't answer for the other URLs that are set here, and Chromium would report that in the console.
  it('updates the elements when any control changes', 'token-check=off', async (playground) => {
    const { page } = playground;
    await page.route('https://other.example/**', (route) => route.fulfill({ json: [] }));
    await playground.openGroups();
    for (const control of controls.filter(({ purpose }) => purpose !== 'page')) {
      const { name, purpose, kind, tags } = control;
      // The element's own state, independent of how the playground sets it.
      const readState = () =>
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
      const before = await readState();
      const field = playground.field(name);
      const value = name === 'token-check' ? 'auto' : otherValue(control);
      if (kind === 'switch') await field.check();
      else if (kind === 'choice') await field.selectOption(value);
      else await field.fill(value);
      assert.notEqual(await readState(), before, name);
      // Resets the control, so that each one is tested alone.
      if (kind === 'switch') await field.uncheck();
      else if (kind === 'choice') await field.selectOption(control.initial);
      else await field.fill(control.initial);
    }
  });

  it('applies the settings for the page around the elements', '', async (playground) => {
    const { page } = playground;
    await playground.field('dir').selectOption('rtl');
    assert.equal(await page.locator('#preview').getAttribute('dir'), 'rtl');
    await playground.field('scheme').selectOption('dark');
    assert.equal(
      await playground.list.evaluate((list) => getComputedStyle(list).colorScheme),
      'dark',
    );
    await playground.field('theme').selectOption('sunset');
    const radius = await playground.button.evaluate((button) =>
      getComputedStyle(button).getPropertyValue('--pica-radius'),
    );
    assert.equal(radius, '999px');
    await playground.field('show').selectOption('list');
    await playground.button.waitFor({ state: 'detached' });
  });

  it('connects an account without a backend', gmail, async (playground) => {
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

  it('disconnects an account', gmail, async (playground) => {
    await playground.connect();
    await playground.rows.getByRole('button', { name: 'Disconnect' }).click();
    await playground.rows.locator('[data-action="confirm"]').click();
    await playground.event('pica-disconnect').waitFor();
    await playground.rows.filter({ hasText: 'Gmail' }).waitFor({ state: 'detached' });
  });

  it('simulates a denied consent', `simulate=denial&${gmail}`, async (playground) => {
    await playground.openConsent();
    await playground.authkit.getByRole('heading', { name: 'Gmail is not connected' }).waitFor();
    const detail = await playground.event('pica-error').locator('pre').textContent();
    assert.match(detail ?? '', /connection-failed/);
    assert.equal(await playground.rows.count(), 0);
  });

  it('simulates a failing save', `simulate=failing-save&${gmail}`, async (playground) => {
    await playground.connect();
    await playground.page.locator('pica-connect-button[status="unsaved"]').waitFor();
    const detail = await playground.event('pica-error').locator('pre').textContent();
    assert.match(detail ?? '', /save-failed/);
    // The browser reports every error status in its console.
    fixture.errors = fixture.errors.filter((error) => !error.includes('422'));
  });

  it('simulates a slow backend', 'simulate=slow', async ({ page, list }) => {
    const connectionsUrl = await list.getAttribute('connections-url');
    assert.match(connectionsUrl ?? '', /\/simulate\/slow\/api\/connections$/);
    // The slow endpoint is asked first and answers last.
    const firstUrl = await page.evaluate(
      async (slow) => (await Promise.race([fetch(slow), fetch('api/connections')])).url,
      connectionsUrl ?? '',
    );
    assert.doesNotMatch(firstUrl, /slow/);
  });

  it('stores its settings in the URL, and restores them from there', '', async (playground) => {
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
    'lists the unknown and invalid settings of a URL, and applies the others',
    'colour=red&app-theme=blue&timeout=soon&--pica-radius=1px;color:red&debug=true',
    async ({ page }) => {
      const ignored = await page.locator('#ignored').textContent();
      for (const name of ['colour', 'app-theme', 'timeout', '--pica-radius']) {
        assert.ok(ignored?.includes(name), name);
      }
      assert.match(page.url(), /#debug=true$/);
      assert.equal(await page.locator('#controls [name="debug"]').isChecked(), true);
    },
  );

  it('applies the settings again when the URL changes', '', async ({ page }) => {
    await page.evaluate(() => (location.hash = 'selected-connection=Slack'));
    await page.locator('pica-connect-button[selected-connection="Slack"]').waitFor();
  });

  it(
    'copies the shown code and the URL',
    gmail,
    async ({ page, snippet }) => {
      const clipboardText = () => page.evaluate(() => navigator.clipboard.readText());
      await page.getByRole('button', { name: 'Svelte' }).click();
      await page.getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      assert.equal(await clipboardText(), await snippet.textContent());
      await page.getByRole('button', { name: 'Copy address' }).click();
      await page.getByText('The address is copied.').waitFor();
      assert.equal(await clipboardText(), page.url());
    },
    { permissions: ['clipboard-read', 'clipboard-write'] },
  );

  it('can be used by keyboard alone', '', async (playground) => {
    const { page } = playground;
    await playground.field('selected-connection').focus();
    await page.keyboard.type('Slack');
    await page.keyboard.press('Tab');
    await playground.button.getByRole('button', { name: 'Connect Slack' }).waitFor();
    await playground.button.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await playground.authkit.getByRole('button', { name: 'Continue to Slack' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#event-link').waitFor({ state: 'detached' });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(
      `has no axe violations in ${colorScheme} colors, in both directions and every theme`,
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
      `fits into a window 320 px wide with dir="${dir}"`,
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
