import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { sql } from 'kysely';
import { userOwner } from '../../demo/app/backend/owner.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { RepairFixture, shareFixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';
const database = shareFixtureDatabase();

suite('deleting a user', () => {
  let sandbox: Sandbox;
  let fixture: RepairFixture;

  before(async () => {
    sandbox = await startSandbox();
    fixture = RepairFixture.create(database(), sandbox.origin, 0, 'sk_test_sandbox');
  });
  after(async () => {
    await fixture.dispose();
    await sandbox.close();
  });

  const addToVault = async (identity: string) =>
    (await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity })).body;
  const everythingOf = async (user: string) => {
    const tables = ['user_connections', 'unconfirmed_connections'] as const;
    const rows = await Promise.all(
      tables.map((table) =>
        fixture.database.selectFrom(table).select('user_id').where('user_id', '=', user).execute(),
      ),
    );
    return rows.flat();
  };

  test('deletes the user’s rows, claims and vault connections, and nobody else’s', async () => {
    const [stored, unstored, others] = [
      await addToVault('leaving'),
      await addToVault('leaving'),
      await addToVault('staying'),
    ];
    await fixture.save('leaving', stored.key);
    await fixture.save('leaving', 'test::gmail::claimed');
    await fixture.save('staying', others.key);
    assert.equal((await fixture.deleteUser('leaving')).status, 204);
    assert.deepEqual(await everythingOf('leaving'), []);
    const { body } = await askSandbox<{ rows: VaultRow[] }>(sandbox, '/sandbox/vault');
    assert.deepEqual(
      body.rows.map(({ key }) => key),
      [others.key],
    );
    assert.ok(!body.rows.some(({ key }) => key === unstored.key));
    assert.equal((await fixture.rows('staying')).length, 1);
  });

  test('is not undone by a vault that lags behind', async () => {
    const { key } = await addToVault('leaving-late');
    await fixture.save('leaving-late', key);
    await fixture.deleteUser('leaving-late');
    await post(sandbox, '/sandbox/vault', { platform: 'gmail', identity: 'leaving-late', key });
    assert.deepEqual(await fixture.rowsAfterRepair('leaving-late'), []);
  });

  test('is not undone by a connection that was never stored and that the vault lists only later', async () => {
    const user = 'leaving-unseen';
    await fixture.deleteUser(user);
    const due = await fixture.database
      .selectFrom('repairs')
      .select('user_id')
      .where('user_id', '=', user)
      .where('due_at', '<=', sql<Date>`now() + interval '5 minutes'`)
      .execute();
    assert.equal(due.length, 1);
    const createdAt = new Date(Date.now() - 60_000).toISOString();
    const late = { platform: 'gmail', identity: user, createdAt };
    const { body } = await post<VaultRow>(sandbox, '/sandbox/vault', late);
    assert.deepEqual(await fixture.rowsAfterRepair(user), []);
    assert.equal((await askSandbox(sandbox, `${vaultPath}/${body.id}`)).status, 404);
  });

  for (const [what, comeBack] of Object.entries({
    'asks for a token': (user: string) =>
      fixture.repairs.expectConnection(userOwner(user), new AbortController().signal),
    'saves a connection': (user: string) => fixture.save(user, 'test::gmail::another'),
  })) {
    test(`no longer stops repairs from adding connections once the user ${what}`, async () => {
      const user = `leaving-and-back-${what.slice(0, 4)}`;
      await fixture.deleteUser(user);
      await comeBack(user);
      const { key } = await addToVault(user);
      const keys = (await fixture.rowsAfterRepair(user)).map((row) => row.connection_key);
      assert.ok(keys.includes(key), keys.join());
    });
  }

  test('fails and keeps the rows while Pica fails, and can be repeated', async () => {
    const { key } = await addToVault('leaving-twice');
    await fixture.save('leaving-twice', key);
    const fault = { path: vaultPath, method: 'DELETE', status: 503, times: 1 };
    await post(sandbox, '/sandbox/faults', fault);
    assert.equal((await fixture.deleteUser('leaving-twice')).status, 502);
    assert.equal((await fixture.rows('leaving-twice')).length, 1);
    assert.equal((await fixture.deleteUser('leaving-twice')).status, 204);
    assert.equal((await fixture.deleteUser('leaving-twice')).status, 204);
    assert.deepEqual(await everythingOf('leaving-twice'), []);
  });
});
