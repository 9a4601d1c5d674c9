import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integrations } from '../../demo/sandbox/integrations.js';
import { ask, post } from './requests.js';
import { Stage } from './stage.js';

const stage = new Stage();

stage.opened('the page says that it is a sandbox', {}, async ({ frame }) => {
  await frame.getByText('stands in for Pica’s AuthKit').waitFor();
});

stage.opened('the list shows every active integration', {}, async ({ frame }) => {
  await frame.getByRole('searchbox').waitFor();
  const active = integrations.filter((integration) => integration.active);
  assert.equal(await frame.getByRole('listitem').count(), active.length);
});

stage.opened('a search leaves what matches', {}, async ({ frame }) => {
  await frame.getByLabel('Search').fill('google ca');
  await frame.getByText(/^1 of/).waitFor();
  assert.deepEqual(await frame.getByRole('listitem').allInnerTexts(), ['Google Calendar']);
});

stage.opened('a search that finds nothing says so', {}, async ({ frame }) => {
  await frame.getByLabel('Search').fill('qqqq');
  await frame.getByText('Nothing matches.').waitFor();
});

stage.opened('the search field has the focus at the start', {}, async ({ frame, page }) => {
  await frame.getByRole('searchbox').waitFor();
  await page.keyboard.type('slack');
  await frame.getByText(/^1 of/).waitFor();
});

stage.opened('an integration of the list can be opened and left again', {}, async (authkit) => {
  await authkit.press('Gmail');
  await authkit.shows('Connect Gmail');
  await authkit.press('Back');
  await authkit.shows('Choose an integration');
});

stage.opened(
  'the selected integration is opened by its title',
  { selectedConnection: 'Google Calendar' },
  (authkit) => authkit.shows('Connect Google Calendar'),
);

const gmailId = String(integrations.find(({ platform }) => platform === 'gmail')?.definitionId);
stage.opened(
  'the selected integration is opened by its definition id',
  { selectedConnection: gmailId },
  (authkit) => authkit.shows('Connect Gmail'),
);

for (const selectedConnection of ['Nonsense', 'gmail', 'Gmail ', 'Drift']) {
  stage.opened(
    `there is no platform “${selectedConnection}”, and nothing is posted`,
    { selectedConnection },
    async (authkit) => {
      await authkit.shows('This platform does not exist');
      assert.deepEqual((await authkit.heardSoFar()).messages, []);
    },
  );
}

stage.opened(
  'no name is asked for unless told to',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.shows('Connect Gmail');
    assert.equal(await authkit.frame.getByRole('textbox').count(), 0);
  },
);

stage.opened('the title is the host’s', { title: 'Your <b>accounts</b>' }, async ({ frame }) => {
  await frame.getByText('Your <b>accounts</b>').waitFor();
});

stage.opened(
  'the company is named',
  { companyName: 'Acme', selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.frame.getByText('Acme asks for access').waitFor();
    const popup = await authkit.askConsent();
    await popup.getByRole('heading', { name: 'Acme wants to access your Gmail account' }).waitFor();
  },
);

stage.opened(
  'an image that is no web address is not shown',
  { imageUrl: 'javascript:0' },
  async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(await frame.locator('header img').isVisible(), false);
  },
);

for (const appTheme of ['light', 'dark'] as const) {
  stage.opened(`the theme can be ${appTheme}`, { appTheme }, async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(await frame.locator('html').getAttribute('data-theme'), appTheme);
  });
}

stage.opened(
  'the token request carries the host’s headers',
  { headers: { 'x-user': '7' } },
  async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(stage.host.tokenRequests.at(-1)?.['x-user'], '7');
  },
);

for (const tokenPath of ['/token/broken', '/token/with-wrong-secret', '/token-without-cors']) {
  stage.opened(
    `a token request to ${tokenPath} ends in an error view, and nothing is posted`,
    { tokenPath },
    async (authkit) => {
      await authkit.shows('The integrations could not be loaded');
      assert.deepEqual((await authkit.heardSoFar()).messages, []);
    },
  );
}

stage.opened('the X leaves', {}, async (authkit) => {
  await authkit.frame.getByRole('searchbox').waitFor();
  await authkit.press('Close AuthKit');
  assert.deepEqual(await authkit.heard('closings'), [true]);
});

stage.opened('Escape leaves', {}, async (authkit) => {
  // Until its frame is shown, AuthKit hears nothing, and nothing in it takes a key.
  await authkit.frame.getByRole('searchbox').waitFor();
  await authkit.frame.getByRole('searchbox').press('Escape');
  assert.deepEqual(await authkit.heard('closings'), [true]);
});

test('the page may be told to fail', async () => {
  await post(stage.sandbox, '/sandbox/faults', { path: '/authkit', status: 502 });
  assert.equal((await ask(stage.sandbox, '/authkit')).status, 502);
});

stage.opened(
  'options may come by message alone',
  { title: 'By message' },
  async ({ page, frame }) => {
    await frame.getByText('By message').waitFor();
    const bare = `${stage.sandbox.origin}/authkit`;
    // The package posts the options at every load, so a page asked for without them still gets them.
    await Promise.all([
      page.waitForEvent('framenavigated', (navigated) => navigated.url() === bare),
      page.locator('#event-link').evaluate((iframe, url) => {
        (iframe as HTMLIFrameElement).src = url;
      }, bare),
    ]);
    await frame.getByText('By message').waitFor();
  },
);
