import assert from 'node:assert/strict';
import { post } from './requests.js';
import { Stage } from './stage.js';

const stage = new Stage();

stage.opened(
  'allowing access makes a connection',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    const [connection] = await authkit.heard('successes');
    const [row] = await stage.vaultRows();
    assert.equal(connection?.key, row?.key);
    assert.equal(connection?._id, row?.id);
    assert.equal(connection?.createdAt, Date.parse(row?.createdAt ?? ''));
  },
);

stage.opened(
  'a success is posted once, as AuthKit’s record, without a state',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    const all = await authkit.heard('successes');
    assert.equal(all.length, 1);
    assert.equal(all[0]?.platform, 'gmail');
    assert.equal('state' in all[0], false);
  },
);

stage.opened(
  'the connection belongs to whom the backend named',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.allow();
    const [row] = await stage.vaultRows();
    assert.deepEqual([row?.identity, row?.identityType], ['user-1', 'user']);
  },
);

stage.opened('Done leaves', { selectedConnection: 'Gmail' }, async (authkit) => {
  await authkit.allow();
  await authkit.press('Done');
  await authkit.isRemoved();
  assert.deepEqual((await authkit.heardSoFar()).messages, ['LINK_SUCCESS', 'EXIT_EVENT_LINK']);
});

stage.opened(
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

stage.opened('two integrations can be connected in one opening', {}, async (authkit) => {
  await authkit.press('Gmail');
  await authkit.allow();
  await authkit.press('Connect another');
  await authkit.press('OpenAI');
  await authkit.sendKey('sk-good');
  await authkit.shows('OpenAI is connected');
  assert.equal((await authkit.heard('successes')).length, 2);
});

stage.opened('denying access is an error', { selectedConnection: 'Gmail' }, async (authkit) => {
  await authkit.deny();
  assert.deepEqual(await authkit.heard('errors'), ['The access to Gmail was denied.']);
});

stage.opened('denying access stores nothing', { selectedConnection: 'Gmail' }, async (authkit) => {
  await authkit.deny();
  assert.deepEqual(await stage.vaultRows(), []);
});

stage.opened('closing the popup is an error', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await authkit.askConsent();
  await popup.close();
  await authkit.shows('Gmail is not connected');
  assert.match(String((await authkit.heard('errors'))[0]), /closed/);
});

stage.opened('cancelling closes the popup', { selectedConnection: 'Gmail' }, async (authkit) => {
  const popup = await authkit.askConsent();
  await Promise.all([popup.waitForEvent('close'), authkit.press('Cancel')]);
  await authkit.shows('Gmail is not connected');
});

stage.opened(
  'after an error it can be tried again',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    await authkit.deny();
    await authkit.press('Try again');
    await authkit.allow();
    assert.equal((await authkit.heard('successes')).length, 1);
  },
);

stage.opened('a poll that fails is an error', { selectedConnection: 'Gmail' }, async (authkit) => {
  await post(stage.sandbox, '/sandbox/faults', { path: '/link/attempts', status: 500 });
  await authkit.press('Continue to Gmail');
  await authkit.shows('Gmail is not connected');
});

stage.opened(
  'an integration may ask for an API key',
  { selectedConnection: 'OpenAI' },
  async (authkit) => {
    await authkit.sendKey('sk-good');
    await authkit.shows('OpenAI is connected');
    const [connection] = await authkit.heard('successes');
    assert.deepEqual([connection?.platform, connection?.identity], ['openai', 'user-1']);
  },
);

for (const key of ['wrong', 'bad-key']) {
  stage.opened(
    `the API key “${key}” is refused`,
    { selectedConnection: 'OpenAI' },
    async (authkit) => {
      await authkit.sendKey(key);
      await authkit.shows('OpenAI is not connected');
      assert.deepEqual(await authkit.heard('errors'), ['The API key was refused.']);
    },
  );
}

stage.opened(
  'the name that the user gives becomes the connection’s',
  { selectedConnection: 'Gmail', showNameInput: true },
  async (authkit) => {
    await authkit.frame.getByLabel('Name of this connection').fill('Büro 日本');
    await authkit.allow();
    const [connection] = await authkit.heard('successes');
    assert.equal(connection?.name, 'Büro 日本');
  },
);

stage.opened(
  'leaving while the popup is open closes it and is no error',
  { selectedConnection: 'Gmail' },
  async (authkit) => {
    const popup = await authkit.askConsent();
    await Promise.all([popup.waitForEvent('close'), authkit.press('Close AuthKit')]);
    await authkit.isRemoved();
    assert.deepEqual((await authkit.heardSoFar()).messages, ['EXIT_EVENT_LINK']);
  },
);
