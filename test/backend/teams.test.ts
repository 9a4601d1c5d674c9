import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { userOwner, type Ownership } from '../../demo/app/backend/owner.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { RepairFixture, shareFixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';
const database = shareFixtureDatabase();

let sandbox: Sandbox;
let fixture: RepairFixture;

/** `member` and `admin` are in team 42. All others are in no team. */
const teams: Ownership = {
  ownerOf: (user) =>
    /^(member|admin)$/.test(user) ? { identity: '42', identityType: 'team' } : userOwner(user),
  mayDisconnect: (user, { identityType }) => identityType === 'user' || user === 'admin',
};

before(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => {
  fixture = RepairFixture.create(database(), sandbox.origin, 0, 'sk_test_sandbox', teams);
});
afterEach(async () => {
  await fixture.dispose();
  await askSandbox(sandbox, '/sandbox/vault', { method: 'DELETE' });
});
after(() => sandbox.close());

const addToVault = async (identityType: string) => {
  const row = { platform: 'gmail', identity: '42', identityType };
  return (await post<VaultRow>(sandbox, '/sandbox/vault', row)).body;
};
const vaultHas = async ({ id }: VaultRow) =>
  (await askSandbox(sandbox, `${vaultPath}/${id}`)).status === 200;
const keysOf = async (user: string) =>
  (await fixture.rowsAfterRepair(user)).map((row) => row.connection_key);

suite('user 42 and team 42', () => {
  test('list only their own connections, with their owner', async () => {
    const userRow = await addToVault('user');
    const teamRow = await addToVault('team');
    assert.deepEqual(await keysOf('42'), [userRow.key]);
    assert.deepEqual(await keysOf('member'), [teamRow.key]);
    const [row] = (await fixture.rows('member')) as unknown as Record<string, unknown>[];
    assert.deepEqual([row?.user_id, row?.identity_type], ['42', 'team']);
  });

  test('cannot claim each other’s connections', async () => {
    const teamRow = await addToVault('team');
    const userRow = await addToVault('user');
    assert.equal((await fixture.save('42', teamRow.key)).status, 202);
    assert.equal((await fixture.save('member', userRow.key)).status, 202);
    assert.equal((await fixture.save('42', userRow.key)).status, 201);
    assert.equal((await fixture.save('member', teamRow.key)).status, 201);
  });

  test('cannot disconnect each other’s connections', async () => {
    const teamRow = await addToVault('team');
    await keysOf('member');
    assert.equal((await fixture.ask('DELETE', '42', teamRow.key)).status, 404);
    assert.equal(await vaultHas(teamRow), true);
    assert.deepEqual(await keysOf('member'), [teamRow.key]);
  });

  test('cannot use each other’s connections', async () => {
    const teamRow = await addToVault('team');
    await keysOf('member');
    assert.equal((await fixture.sendTestMessage('42', teamRow.key)).status, 404);
    assert.equal((await fixture.sendTestMessage('member', teamRow.key)).status, 200);
  });
});

test('a user id cannot name a team', async () => {
  await addToVault('team');
  assert.equal((await fixture.ask('GET', 'team:42')).status, 400);
});

test('only an administrator of a team can disconnect its connections', async () => {
  const teamRow = await addToVault('team');
  await keysOf('member');
  assert.equal((await fixture.ask('DELETE', 'member', teamRow.key)).status, 403);
  assert.equal(await vaultHas(teamRow), true);
  assert.equal((await fixture.ask('DELETE', 'admin', teamRow.key)).status, 204);
  assert.equal(await vaultHas(teamRow), false);
  assert.deepEqual(await keysOf('member'), []);
});

suite('deleting a user', () => {
  test('who is in a team keeps the connections of an identity with the user’s name', async () => {
    const otherRow = (
      await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity: 'member' })
    ).body;
    assert.equal((await fixture.deleteUser('member')).status, 204);
    assert.equal(await vaultHas(otherRow), true);
  });

  test('deletes the connections of the identity that the host has given the user', async () => {
    const [userRow, teamRow] = [await addToVault('user'), await addToVault('team')];
    const renamed = RepairFixture.create(database(), sandbox.origin, 0, 'sk_test_sandbox', {
      ownerOf: (user) => userOwner(user.replace('account-', '')),
      mayDisconnect: () => true,
    });
    assert.equal((await renamed.deleteUser('account-42')).status, 204);
    assert.deepEqual([await vaultHas(userRow), await vaultHas(teamRow)], [false, true]);
  });

  test('keeps the connections of a team with the user’s id', async () => {
    const teamRow = await addToVault('team');
    const userRow = await addToVault('user');
    await keysOf('member');
    await keysOf('42');
    assert.equal((await fixture.deleteUser('42')).status, 204);
    assert.deepEqual([await vaultHas(userRow), await vaultHas(teamRow)], [false, true]);
    assert.deepEqual(await keysOf('42'), []);
    assert.deepEqual(await keysOf('member'), [teamRow.key]);
  });
});
