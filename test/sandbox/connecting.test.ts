import assert from 'node:assert/strict';
import { post } from './requests.js';
import { SandboxFixture } from './sandbox-fixture.js';

const fixture = new SandboxFixture();

fixture.testOpened(
  'allowing access creates a connection',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    const [connection] = await authkit.waitFor('successes');
    const [row] = await fixture.vaultRows();
    assert.equal(connection?.key, row?.key);
    assert.equal(connection?._id, row?.id);
    assert.equal(connection?.createdAt, Date.parse(row?.createdAt ?? ''));
  },
);

fixture.testOpened(
  'a success is posted once, as AuthKit’s record, without a state',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    const all = await authkit.waitFor('successes');
    assert.equal(all.length, 1);
    assert.equal(all[0]?.platform, 'gmail');
    assert.equal('state' in all[0], false);
  },
);

fixture.testOpened(
  'the connection belongs to the identity that the backend named',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    const [row] = await fixture.vaultRows();
    assert.deepEqual([row?.identity, row?.identityType], ['user-1', 'user']);
  },
);

fixture.testOpened(
  'the Done button closes AuthKit',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    await authkit.press('Done');
    await authkit.waitUntilRemoved();
    assert.deepEqual((await authkit.events()).messages, ['LINK_SUCCESS', 'EXIT_EVENT_LINK']);
  },
);

fixture.testOpened(
  'the popup closes once access is allowed',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await authkit.askConsent();
    await Promise.all([
      popup.waitForEvent('close'),
      popup.getByRole('button', { name: 'Allow' }).click(),
    ]);
  },
);

fixture.testOpened('two integrations can be connected in one opening', {}, async (authkit) => {
  await authkit.press('Gmail');
  await authkit.allow();
  await authkit.press('Connect another');
  await authkit.press('OpenAI');
  await authkit.submitApiKey('sk-good');
  await authkit.shows('OpenAI is connected');
  assert.equal((await authkit.waitFor('successes')).length, 2);
});

fixture.testOpened(
  'denying access is an error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.deny();
    assert.deepEqual(await authkit.waitFor('errors'), ['The access to Gmail was denied.']);
  },
);

fixture.testOpened(
  'denying access stores nothing',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.deny();
    assert.deepEqual(await fixture.vaultRows(), []);
  },
);

fixture.testOpened(
  'closing the popup is an error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await authkit.askConsent();
    await popup.close();
    await authkit.shows('Gmail is not connected');
    assert.match(String((await authkit.waitFor('errors'))[0]), /closed/);
  },
);

fixture.testOpened(
  'cancelling closes the popup',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await authkit.askConsent();
    await Promise.all([popup.waitForEvent('close'), authkit.press('Cancel')]);
    await authkit.shows('Gmail is not connected');
  },
);

fixture.testOpened(
  'the user can try again after an error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.deny();
    await authkit.press('Try again');
    await authkit.allow();
    assert.equal((await authkit.waitFor('successes')).length, 1);
  },
);

fixture.testOpened(
  'a failed poll is an error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await post(fixture.sandbox, '/sandbox/faults', { path: '/link/attempts', status: 500 });
    await authkit.press('Continue to Gmail');
    await authkit.shows('Gmail is not connected');
  },
);

fixture.testOpened(
  'an integration may ask for an API key',
  { selectedConnection: 'OpenAI' },
  async (authkit) => {
    await authkit.submitApiKey('sk-good');
    await authkit.shows('OpenAI is connected');
    const [connection] = await authkit.waitFor('successes');
    assert.deepEqual([connection?.platform, connection?.identity], ['openai', 'user-1']);
  },
);

for (const key of ['wrong', 'bad-key']) {
  fixture.testOpened(
    `the API key “${key}” is refused`,
    { selectedConnection: 'OpenAI' },
    async (authkit) => {
      await authkit.submitApiKey(key);
      await authkit.shows('OpenAI is not connected');
      assert.deepEqual(await authkit.waitFor('errors'), ['The API key was refused.']);
    },
  );
}

fixture.testOpened(
  'the user’s name for the connection becomes its name',
  { selectedConnection: 'Gmail', showNameInput: true },
  async (authkit) => {
    await authkit.frame.getByLabel('Name of this connection').fill('Büro 日本');
    await authkit.allow();
    const [connection] = await authkit.waitFor('successes');
    assert.equal(connection?.name, 'Büro 日本');
  },
);

fixture.testOpened(
  'closing AuthKit closes an open popup and is no error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await authkit.askConsent();
    await Promise.all([popup.waitForEvent('close'), authkit.press('Close AuthKit')]);
    await authkit.waitUntilRemoved();
    assert.deepEqual((await authkit.events()).messages, ['EXIT_EVENT_LINK']);
  },
);
