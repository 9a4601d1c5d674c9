import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { integrations } from '../../demo/sandbox/integrations.js';
import { setStage, type AuthKitOptions, type OpenedAuthKit, type Stage } from './opened-authkit.js';
import { ask } from './requests.js';

let stage: Stage;
before(async () => {
  stage = await setStage();
});
afterEach(async () => {
  await stage.faults();
  await ask(stage.sandbox, '/sandbox/vault', { method: 'DELETE' });
});
after(() => stage.close());

/** A browser test whose browser context is closed whatever happens. */
const opened = (
  name: string,
  options: AuthKitOptions,
  run: (authkit: OpenedAuthKit) => Promise<void>,
) =>
  test(name, async () => {
    const authkit = await stage.open(options);
    try {
      await run(authkit);
    } finally {
      await authkit.page.context().close();
    }
  });

const heading = ({ frame }: OpenedAuthKit, name: string | RegExp) =>
  frame.getByRole('heading', { name });

const press = ({ frame }: OpenedAuthKit, name: string | RegExp) =>
  frame.getByRole('button', { name, exact: true }).click();

async function askConsent(authkit: OpenedAuthKit) {
  const [popup] = await Promise.all([
    authkit.page.waitForEvent('popup'),
    press(authkit, 'Continue to Gmail'),
  ]);
  await popup.getByRole('button', { name: 'Allow' }).waitFor();
  return popup;
}

async function allow(authkit: OpenedAuthKit) {
  const popup = await askConsent(authkit);
  await popup.getByRole('button', { name: 'Allow' }).click();
  await heading(authkit, 'Gmail is connected').waitFor();
}

async function sendKey(authkit: OpenedAuthKit, key: string) {
  await authkit.frame.getByLabel('API key for OpenAI').fill(key);
  await press(authkit, 'Connect OpenAI');
}

const vaultRows = async () =>
  (await ask<{ rows: VaultRow[] }>(stage.sandbox, '/sandbox/vault')).body.rows;

const settled = (heard: Awaited<ReturnType<OpenedAuthKit['everythingHeard']>>) =>
  heard.flatMap((entry) => ('message' in entry ? [entry.message] : []));

opened('the page says that it is a sandbox', {}, async ({ frame }) => {
  await frame.getByText('stands in for Pica’s AuthKit').waitFor();
});

opened('the list shows every active integration', {}, async ({ frame }) => {
  await frame.getByRole('searchbox').waitFor();
  const active = integrations.filter((integration) => integration.active);
  assert.equal(await frame.getByRole('listitem').count(), active.length);
});

opened('a search leaves what matches', {}, async ({ frame }) => {
  await frame.getByLabel('Search').fill('google ca');
  await frame.getByText(/^1 of/).waitFor();
  assert.deepEqual(await frame.getByRole('listitem').allInnerTexts(), ['Google Calendar']);
});

opened('a search that finds nothing says so', {}, async ({ frame }) => {
  await frame.getByLabel('Search').fill('qqqq');
  await frame.getByText('Nothing matches.').waitFor();
});

opened('the search field has the focus at the start', {}, async ({ frame, page }) => {
  await frame.getByRole('searchbox').waitFor();
  await page.keyboard.type('slack');
  await frame.getByText(/^1 of/).waitFor();
});

opened('an integration of the list can be opened and left again', {}, async (authkit) => {
  await press(authkit, 'Gmail');
  await heading(authkit, 'Connect Gmail').waitFor();
  await press(authkit, 'Back');
  await heading(authkit, 'Choose an integration').waitFor();
});

opened(
  'the selected integration is opened by its title',
  { selectedConnection: 'Google Calendar' },
  (authkit) => heading(authkit, 'Connect Google Calendar').waitFor(),
);

const gmailId = String(integrations.find(({ platform }) => platform === 'gmail')?.definitionId);
opened(
  'the selected integration is opened by its definition id',
  { selectedConnection: gmailId },
  (authkit) => heading(authkit, 'Connect Gmail').waitFor(),
);

for (const selectedConnection of ['Nonsense', 'gmail', 'Gmail ', 'Drift']) {
  opened(
    `there is no platform “${selectedConnection}”, and nothing is posted`,
    { selectedConnection },
    async (authkit) => {
      await heading(authkit, 'This platform does not exist').waitFor();
      assert.deepEqual(settled(await authkit.everythingHeard()), []);
    },
  );
}

opened('allowing access makes a connection', { selectedConnection: 'Gmail' }, async (authkit) => {
  await allow(authkit);
  const [connection] = (await authkit.heard('success')) as ConnectionRecord[];
  const [row] = await vaultRows();
  assert.equal(connection?.key, row?.key);
  assert.equal(connection?._id, row?.id);
  assert.equal(connection?.createdAt, Date.parse(row?.createdAt ?? ''));
});

opened(
  'a success is posted once, as AuthKit’s record, without a state',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await allow(authkit);
    const all = (await authkit.heard('success')) as ConnectionRecord[];
    assert.equal(all.length, 1);
    assert.equal(all[0]?.platform, 'gmail');
    assert.equal('state' in all[0], false);
  },
);

opened(
  'the connection belongs to whom the backend named',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await allow(authkit);
    const [row] = await vaultRows();
    assert.deepEqual([row?.identity, row?.identityType], ['user-1', 'user']);
  },
);

opened('Done leaves', { selectedConnection: 'Gmail' }, async (authkit) => {
  await allow(authkit);
  await press(authkit, 'Done');
  await authkit.page.locator('#event-link').waitFor({ state: 'detached' });
  assert.deepEqual(settled(await authkit.everythingHeard()), ['LINK_SUCCESS', 'EXIT_EVENT_LINK']);
});

opened(
  'the popup closes once access is allowed',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await askConsent(authkit);
    await Promise.all([
      popup.waitForEvent('close'),
      popup.getByRole('button', { name: 'Allow' }).click(),
    ]);
  },
);

opened('two integrations can be connected in one opening', {}, async (authkit) => {
  await press(authkit, 'Gmail');
  await allow(authkit);
  await press(authkit, 'Connect another');
  await press(authkit, 'OpenAI');
  await sendKey(authkit, 'sk-good');
  await heading(authkit, 'OpenAI is connected').waitFor();
  assert.equal((await authkit.heard('success')).length, 2);
});

opened('denying access is an error', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await askConsent(authkit);
  await popup.getByRole('button', { name: 'Deny' }).click();
  await heading(authkit, 'Gmail is not connected').waitFor();
  assert.deepEqual(await authkit.heard('error'), ['The access to Gmail was denied.']);
});

opened('denying access stores nothing', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await askConsent(authkit);
  await popup.getByRole('button', { name: 'Deny' }).click();
  await heading(authkit, 'Gmail is not connected').waitFor();
  assert.deepEqual(await vaultRows(), []);
});

opened('closing the popup is an error', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await askConsent(authkit);
  await popup.close();
  await heading(authkit, 'Gmail is not connected').waitFor();
  assert.match(String((await authkit.heard('error'))[0]), /closed/);
});

opened('cancelling closes the popup', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await askConsent(authkit);
  await Promise.all([popup.waitForEvent('close'), press(authkit, 'Cancel')]);
  await heading(authkit, 'Gmail is not connected').waitFor();
});

opened('after an error it can be tried again', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await askConsent(authkit);
  await popup.getByRole('button', { name: 'Deny' }).click();
  await press(authkit, 'Try again');
  await allow(authkit);
  assert.equal((await authkit.heard('success')).length, 1);
});

opened('a poll that fails is an error', { selectedConnection: 'Gmail' }, async (authkit) => {
  await stage.faults({ path: '/link/attempts', status: 500 });
  await press(authkit, 'Continue to Gmail');
  await heading(authkit, 'Gmail is not connected').waitFor();
});

opened(
  'an integration may ask for an API key',
  { selectedConnection: 'OpenAI' },
  async (authkit) => {
    await sendKey(authkit, 'sk-good');
    await heading(authkit, 'OpenAI is connected').waitFor();
    const [connection] = (await authkit.heard('success')) as ConnectionRecord[];
    assert.equal(connection?.platform, 'openai');
    assert.equal(connection?.identity, 'user-1');
  },
);

for (const key of ['wrong', 'bad-key']) {
  opened(`the API key “${key}” is refused`, { selectedConnection: 'OpenAI' }, async (authkit) => {
    await sendKey(authkit, key);
    await heading(authkit, 'OpenAI is not connected').waitFor();
    assert.deepEqual(await authkit.heard('error'), ['The API key was refused.']);
  });
}

opened(
  'the name that the user gives becomes the connection’s',
  { selectedConnection: 'Gmail', showNameInput: true },
  async (authkit) => {
    await authkit.frame.getByLabel('Name of this connection').fill('Büro 日本');
    await allow(authkit);
    const [connection] = (await authkit.heard('success')) as ConnectionRecord[];
    assert.equal(connection?.name, 'Büro 日本');
  },
);

opened('no name is asked for unless told to', { selectedConnection: 'Gmail' }, async (authkit) => {
  await heading(authkit, 'Connect Gmail').waitFor();
  assert.equal(await authkit.frame.getByRole('textbox').count(), 0);
});

opened('the title is the host’s', { title: 'Your <b>accounts</b>' }, async ({ frame }) => {
  await frame.getByText('Your <b>accounts</b>').waitFor();
});

opened(
  'the company is named',
  { companyName: 'Acme', selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.frame.getByText('Acme asks for access').waitFor();
    const popup = await askConsent(authkit);
    await popup.getByRole('heading', { name: 'Acme wants to access your Gmail account' }).waitFor();
  },
);

opened(
  'an image that is no web address is not shown',
  { imageUrl: 'javascript:0' },
  async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(await frame.locator('header img').isVisible(), false);
  },
);

for (const appTheme of ['light', 'dark'] as const) {
  opened(`the theme can be ${appTheme}`, { appTheme }, async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(await frame.locator('html').getAttribute('data-theme'), appTheme);
  });
}

opened(
  'the token request carries the host’s headers',
  { headers: { 'x-user': '7' } },
  async ({ frame }) => {
    await frame.getByRole('searchbox').waitFor();
    assert.equal(stage.tokenRequests.at(-1)?.['x-user'], '7');
  },
);

for (const tokenPath of ['/token/broken', '/token/with-wrong-secret', '/token-without-cors']) {
  opened(
    `a token request to ${tokenPath} ends in an error view, and nothing is posted`,
    { tokenPath },
    async (authkit) => {
      await heading(authkit, 'The integrations could not be loaded').waitFor();
      assert.deepEqual(settled(await authkit.everythingHeard()), []);
    },
  );
}

opened('the X leaves', {}, async (authkit) => {
  await authkit.frame.getByRole('searchbox').waitFor();
  await press(authkit, 'Close AuthKit');
  assert.deepEqual(await authkit.heard('close'), [true]);
});

opened('Escape leaves', {}, async (authkit) => {
  await authkit.frame.getByRole('searchbox').press('Escape');
  assert.deepEqual(await authkit.heard('close'), [true]);
});

opened(
  'leaving while the popup is open closes it and is no error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await askConsent(authkit);
    await Promise.all([popup.waitForEvent('close'), press(authkit, 'Close AuthKit')]);
    await authkit.page.locator('#event-link').waitFor({ state: 'detached' });
    assert.deepEqual(settled(await authkit.everythingHeard()), ['EXIT_EVENT_LINK']);
  },
);

test('the page may be told to fail', async () => {
  await stage.faults({ path: '/authkit', status: 502 });
  assert.equal((await ask(stage.sandbox, '/authkit')).status, 502);
});

opened('options may come by message alone', { title: 'By message' }, async ({ page, frame }) => {
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
});
