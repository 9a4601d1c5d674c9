import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { userOwner, type Ownership } from '../../demo/app/backend/owner.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { RepairFixture, shareFixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';
const database = shareFixtureDatabase();

suite('user 42 and team 42', () => {
  let sandbox: Sandbox;
  let fixture: RepairFixture;

  /** Members and administrators of team 42; everybody else is on their own. */
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

  const inVault = async (identityType: string) => {
    const row = { platform: 'gmail', identity: '42', identityType };
    return (await post<VaultRow>(sandbox, '/sandbox/vault', row)).body;
  };
  const vaultHas = async ({ id }: VaultRow) =>
    (await askSandbox(sandbox, `${vaultPath}/${id}`)).status === 200;
  const keysOf = async (user: string) =>
    (await fixture.rowsAfterRepair(user)).map((row) => row.connection_key);

  test('get their own connections each, and are told whose they are', async () => {
    const users = await inVault('user');
    const teams = await inVault('team');
    assert.deepEqual(await keysOf('42'), [users.key]);
    assert.deepEqual(await keysOf('member'), [teams.key]);
    const [row] = (await fixture.rows('member')) as unknown as Record<string, unknown>[];
    assert.deepEqual([row?.user_id, row?.identity_type], ['42', 'team']);
  });

  test('cannot claim each other’s', async () => {
    const teams = await inVault('team');
    const users = await inVault('user');
    assert.equal((await fixture.save('42', teams.key)).status, 202);
    assert.equal((await fixture.save('member', users.key)).status, 202);
    assert.equal((await fixture.save('42', users.key)).status, 201);
    assert.equal((await fixture.save('member', teams.key)).status, 201);
  });

  test('cannot disconnect each other’s', async () => {
    const teams = await inVault('team');
    await keysOf('member');
    assert.equal((await fixture.ask('DELETE', '42', teams.key)).status, 404);
    assert.equal(await vaultHas(teams), true);
    assert.deepEqual(await keysOf('member'), [teams.key]);
  });

  test('cannot use each other’s', async () => {
    const teams = await inVault('team');
    await keysOf('member');
    assert.equal((await fixture.sendTestMessage('42', teams.key)).status, 404);
    assert.equal((await fixture.sendTestMessage('member', teams.key)).status, 200);
  });

  test('are not named by the user: no id is that of a team', async () => {
    await inVault('team');
    assert.equal((await fixture.ask('GET', 'team:42')).status, 400);
  });

  test('what a team has, only who may can disconnect', async () => {
    const teams = await inVault('team');
    await keysOf('member');
    assert.equal((await fixture.ask('DELETE', 'member', teams.key)).status, 403);
    assert.equal(await vaultHas(teams), true);
    assert.equal((await fixture.ask('DELETE', 'admin', teams.key)).status, 204);
    assert.equal(await vaultHas(teams), false);
    assert.deepEqual(await keysOf('member'), []);
  });

  test('the end of a team’s member is no end of who is named like them', async () => {
    const namesake = (
      await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity: 'member' })
    ).body;
    assert.equal((await fixture.deleteUser('member')).status, 204);
    assert.equal(await vaultHas(namesake), true);
  });

  test('a user’s end is that of the identity that they work with', async () => {
    const [theirs, others] = [await inVault('user'), await inVault('team')];
    const renamed = RepairFixture.create(database(), sandbox.origin, 0, 'sk_test_sandbox', {
      ownerOf: (user) => userOwner(user.replace('account-', '')),
      mayDisconnect: () => true,
    });
    assert.equal((await renamed.deleteUser('account-42')).status, 204);
    assert.deepEqual([await vaultHas(theirs), await vaultHas(others)], [false, true]);
  });

  test('a user’s end is no end of the team’s connections', async () => {
    const teams = await inVault('team');
    const users = await inVault('user');
    await keysOf('member');
    await keysOf('42');
    assert.equal((await fixture.deleteUser('42')).status, 204);
    assert.deepEqual([await vaultHas(users), await vaultHas(teams)], [false, true]);
    assert.deepEqual(await keysOf('42'), []);
    assert.deepEqual(await keysOf('member'), [teams.key]);
  });
});
