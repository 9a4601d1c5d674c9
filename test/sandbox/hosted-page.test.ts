import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integrations } from '../../demo/sandbox/integrations.js';
import { ask, post } from './requests.js';
import { SandboxFixture } from './sandbox-fixture.js';

const fixture = new SandboxFixture();

fixture.testOpened('the page says that it is a sandbox', {}, async ({ frame }) => {
  await frame.getByText('stands in for Pica’s AuthKit').waitFor();
});

fixture.testOpened('the list shows every active integration', {}, async ({ frame }) => {
  await frame.getByRole('searchbox').waitFor();
  const active = integrations.filter((integration) => integration.active);
  assert.equal(await frame.getByRole('listitem').count(), active.length);
});

fixture.testOpened('a search shows only what matches', {}, async ({ frame }) => {
  await frame.getByLabel('Search').fill('google ca');
  await frame.getByText(/^1 of/).waitFor();
  assert.deepEqual(await frame.getByRole('listitem').allInnerTexts(), ['Google Calendar']);
});

fixture.testOpened('a search that finds nothing says so', {}, async ({ frame }) => {
  await frame.getByLabel('Search').fill('qqqq');
  await frame.getByText('Nothing matches.').waitFor();
});

fixture.testOpened('the search field is focused at the start', {}, async ({ frame, page }) => {
  await frame.getByRole('searchbox').waitFor();
  await page.keyboard.type('slack');
  await frame.getByText(/^1 of/).waitFor();
});

fixture.testOpened(
  'the Back button returns from an integration to the list',
  {},
  async (authkit) => {
    await authkit.press('Gmail');
    await authkit.shows('Connect Gmail');
    await authkit.press('Back');
    await authkit.shows('Choose an integration');
  },
);

fixture.testOpened(
  'the selected integration is opened by its title',
  { selectedConnection: 'Google Calendar' },
  (authkit) => authkit.shows('Connect Google Calendar'),
);

const gmailId = String(integrations.find(({ platform }) => platform === 'gmail')?.definitionId);
fixture.testOpened(
  'the selected integration is opened by its definition id',
  { selectedConnection: gmailId },
  (authkit) => authkit.shows('Connect Gmail'),
);

for (const selectedConnection of ['Nonsense', 'gmail', 'Gmail ', 'Drift']) {
  fixture.testOpened(
    `the unknown platform “${selectedConnection}” shows an error and posts no message`,
    { selectedConnection },
    async (authkit) => {
      await authkit.shows('This platform does not exist');
      assert.deepEqual((await authkit.events()).messages, []);
    },
  );
}

fixture.testOpened(
  'the page does not ask for a name by default',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.shows('Connect Gmail');
    assert.equal(await authkit.frame.getByRole('textbox').count(), 0);
  },
);

fixture.testOpened(
  'the host’s title is shown as text',
  { title: 'Your <b>accounts</b>' },
  async ({ frame }) => {
    await frame.getByText('Your <b>accounts</b>').waitFor();
  },
);

fixture.testOpened(
  'the company is named on both pages',
  { companyName: 'Acme', selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.frame.getByText('Acme asks for access').waitFor();
    const popup = await authkit.askConsent();
    await popup.getByRole('heading', { name: 'Acme wants to access your Gmail account' }).waitFor();
  },
);

fixture.testOpened(
  'an image is not shown if its URL is not http(s)',
  { imageUrl: 'javascript:0' },
  async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(await frame.locator('header img').isVisible(), false);
  },
);

for (const appTheme of ['light', 'dark'] as const) {
  fixture.testOpened(`the theme can be ${appTheme}`, { appTheme }, async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(await frame.locator('html').getAttribute('data-theme'), appTheme);
  });
}

fixture.testOpened(
  'the token request carries the host’s headers',
  { headers: { 'x-user': '7' } },
  async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(fixture.host.tokenRequests.at(-1)?.['x-user'], '7');
  },
);

for (const tokenPath of ['/token/broken', '/token/with-wrong-secret', '/token-without-cors']) {
  fixture.testOpened(
    `a token request to ${tokenPath} shows an error and posts no message`,
    { tokenPath },
    async (authkit) => {
      await authkit.shows('The integrations could not be loaded');
      assert.deepEqual((await authkit.events()).messages, []);
    },
  );
}

fixture.testOpened('the close button closes AuthKit', {}, async (authkit) => {
  await authkit.frame.getByRole('searchbox').waitFor();
  await authkit.press('Close AuthKit');
  assert.deepEqual(await authkit.waitFor('closings'), [true]);
});

fixture.testOpened('the Escape key closes AuthKit', {}, async (authkit) => {
  // AuthKit receives no messages and no keys until its iframe is visible.
  await authkit.frame.getByRole('searchbox').waitFor();
  await authkit.frame.getByRole('searchbox').press('Escape');
  assert.deepEqual(await authkit.waitFor('closings'), [true]);
});

test('a fault can make the page fail', async () => {
  await post(fixture.sandbox, '/sandbox/faults', { path: '/authkit', status: 502 });
  assert.equal((await ask(fixture.sandbox, '/authkit')).status, 502);
});

fixture.testOpened(
  'the page accepts options that come only as a message',
  { title: 'By message' },
  async ({ page, frame }) => {
    await frame.getByText('By message').waitFor();
    const bare = `${fixture.sandbox.origin}/authkit`;
    // The package posts the options at every load, so a page without them in its URL still gets them.
    await Promise.all([
      page.waitForEvent('framenavigated', (navigated) => navigated.url() === bare),
      page.locator('#event-link').evaluate((iframe, url) => {
        (iframe as HTMLIFrameElement).src = url;
      }, bare),
    ]);
    await frame.getByText('By message').waitFor();
  },
);
