import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import { removeExpired } from '../../demo/app/backend/database/remove-expired.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask, post } from '../sandbox/requests.js';
import { openFixtureDatabase, RepairFixture, type FixtureDatabase } from './repair-fixture.js';

const secret = 'sk_test_sandbox';

suite('a repair', () => {
  let sandbox: Sandbox;
  let database: FixtureDatabase;
  let fixture: RepairFixture;
  let users = 0;
  let user = '';

  before(async () => {
    sandbox = await startSandbox({ secret });
    database = await openFixtureDatabase();
    fixture = RepairFixture.create(database, sandbox.origin, 0, secret);
  });
  // Each test has a user of its own.
  beforeEach(() => {
    user = `user-${++users}`;
  });
  afterEach(() => ask(sandbox, '/sandbox/faults', { method: 'DELETE' }));
  after(async () => {
    await fixture.dispose();
    await database.close();
    await sandbox.close();
  });

  const addToVault = async (row: object = {}) =>
    (await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity: user, ...row }))
      .body;
  const removeFromVault = ({ id }: VaultRow) =>
    ask(sandbox, `/v1/vault/connections/${id}`, { method: 'DELETE' });

  test('adds connections that only the vault has, with its data', async () => {
    const created = await addToVault({
      platform: 'slack',
      state: 'degraded',
      name: 'Lumen',
      createdAt: '2026-02-03T04:05:06.000Z',
    });
    const rows = await fixture.rowsAfterRepair(user);
    assert.deepEqual(
      rows.map(({ platform, connection_key, environment, state, name, created_at }) => {
        return { platform, connection_key, environment, state, name, created_at };
      }),
      [
        {
          platform: 'slack',
          connection_key: created.key,
          environment: 'test',
          state: 'degraded',
          name: 'Lumen',
          created_at: '2026-02-03T04:05:06.000Z',
        },
      ],
    );
  });

  test('adds the connections of all pages', async () => {
    const created = [];
    for (let i = 0; i < 201; i++) created.push((await addToVault()).key);
    const keys = (await fixture.rowsAfterRepair(user)).map((row) => row.connection_key);
    assert.deepEqual(keys.sort(), created.sort());
  });

  test('changes nothing if vault and table agree', async () => {
    await addToVault({ name: 'Mine' });
    const first = await fixture.rowsAfterRepair(user);
    assert.deepEqual(await fixture.rowsAfterRepair(user), first);
  });

  test('updates states, but not names', async () => {
    const { key, id } = await addToVault({ name: "Pica's" });
    await fixture.insertRow(user, key, { name: 'Mine' });
    await post(sandbox, '/sandbox/vault', { id, state: 'failed' });
    const [row] = await fixture.rowsAfterRepair(user);
    assert.equal(row?.state, 'failed');
    assert.equal(row.name, 'Mine');
  });

  test('marks connections that are gone from the vault, and keeps them', async () => {
    const gone = await addToVault();
    const kept = await addToVault();
    await fixture.rowsAfterRepair(user);
    await removeFromVault(gone);
    await fixture.ageRows();
    const rows = new Map(
      (await fixture.rowsAfterRepair(user)).map((row) => [row.connection_key, row]),
    );
    assert.equal(rows.get(gone.key)?.state, 'failed');
    assert.ok(Date.parse(rows.get(gone.key)?.missing_since ?? '') > 0);
    assert.equal(rows.get(kept.key)?.state, 'operational');
    assert.equal(rows.get(kept.key)?.missing_since, undefined);
  });

  test('keeps the time at which a connection went missing', async () => {
    await fixture.insertRow(user, `test::gmail::${user}`);
    await fixture.ageRows();
    const [first] = await fixture.rowsAfterRepair(user);
    assert.ok(first?.missing_since);
    await fixture.ageRows();
    const [second] = await fixture.rowsAfterRepair(user);
    assert.equal(second?.missing_since, first.missing_since);
  });

  test('removes the mark when the vault has the connection again', async () => {
    const key = `test::gmail::${user}`;
    await fixture.insertRow(user, key);
    await fixture.ageRows();
    assert.ok((await fixture.rowsAfterRepair(user))[0]?.missing_since);
    await addToVault({ key });
    const [row] = await fixture.rowsAfterRepair(user);
    assert.equal(row?.state, 'operational');
    assert.equal(row.missing_since, undefined);
  });

  test('does not mark a connection that was saved a moment ago', async () => {
    await fixture.insertRow(user, `test::gmail::${user}`);
    const [row] = await fixture.rowsAfterRepair(user);
    assert.equal(row?.state, 'operational');
    assert.equal(row.missing_since, undefined);
  });

  test("does not mark connections of another environment than the key's", async () => {
    await fixture.insertRow(user, `live::gmail::${user}`, { environment: 'live' });
    await fixture.ageRows();
    const [row] = await fixture.rowsAfterRepair(user);
    assert.equal(row?.state, 'operational');
  });

  test('moves a connection from another user to its owner in the vault', async () => {
    const { key } = await addToVault({ state: 'degraded' });
    await fixture.insertRow('somebody-else', key);
    assert.deepEqual(
      (await fixture.rowsAfterRepair(user)).map((row) => row.connection_key),
      [key],
    );
    assert.deepEqual(await fixture.rows('somebody-else'), []);
  });

  test('ignores connections of another identity', async () => {
    await addToVault({ identity: `${user}-2` });
    await addToVault({ identity: undefined });
    assert.deepEqual(await fixture.rowsAfterRepair(user), []);
  });

  test('does not restore a connection that the user deleted', async () => {
    const { key } = await addToVault();
    await fixture.rowsAfterRepair(user);
    assert.equal((await fixture.ask('DELETE', user, key)).status, 204);
    assert.deepEqual(await fixture.rowsAfterRepair(user), []);
  });

  /** Deletes a connection before the vault, which lags behind, lists it. */
  const deleteUnlisted = async () => {
    const key = `test::gmail::${user}::late`;
    await fixture.insertRow(user, key);
    assert.equal((await fixture.ask('DELETE', user, key)).status, 204);
    return key;
  };
  /** Lets more than a day pass, and removes records of deletions, which are kept for a day. */
  const passADay = async () => {
    await fixture.database
      .updateTable('deleted_connections')
      .set({ deleted_at: sql<Date>`deleted_at - interval '25 hours'` })
      .execute();
    await fixture.database
      .updateTable('repairs')
      .set({ tried_at: sql<Date>`tried_at - interval '25 hours'` })
      .execute();
    await removeExpired(fixture.database);
  };
  const vaultHas = async ({ id }: VaultRow) =>
    (await ask(sandbox, `/v1/vault/connections/${id}`)).status === 200;

  test('deletes a connection at Pica that the user deleted before the vault listed it', async () => {
    const late = await addToVault({ key: await deleteUnlisted() });
    assert.deepEqual(await fixture.rowsAfterRepair(user), []);
    assert.equal(await vaultHas(late), false);
    await passADay();
    assert.deepEqual(await fixture.rowsAfterRepair(user), []);
  });

  test('keeps the record of a deletion until Pica has deleted the connection', async () => {
    const late = await addToVault({ key: await deleteUnlisted() });
    await post(sandbox, '/sandbox/faults', {
      path: '/v1/vault/connections',
      method: 'DELETE',
      status: 503,
    });
    await fixture.rowsAfterRepair(user);
    assert.equal(await vaultHas(late), true);
    await passADay();
    await ask(sandbox, '/sandbox/faults', { method: 'DELETE' });
    assert.deepEqual(await fixture.rowsAfterRepair(user), []);
    assert.equal(await vaultHas(late), false);
  });

  test('is due soon after the user deleted something', async () => {
    await deleteUnlisted();
    const due = await fixture.database
      .selectFrom('repairs')
      .select('user_id')
      .where('user_id', '=', user)
      .where('due_at', '<=', sql<Date>`now() + interval '5 minutes'`)
      .execute();
    assert.equal(due.length, 1);
  });

  test('does not delete a connection at Pica that the user saved again', async () => {
    const key = await deleteUnlisted();
    await fixture.save(user, key);
    const late = await addToVault({ key });
    assert.equal((await fixture.rowsAfterRepair(user)).length, 1);
    assert.equal(await vaultHas(late), true);
  });

  test('is postponed when Pica fails, and the list still works', async () => {
    const { key } = await addToVault();
    await fixture.insertRow(user, key);
    await fixture.ageRows();
    await post(sandbox, '/sandbox/faults', { path: '/v1/vault', status: 503, times: 1 });
    const [row] = await fixture.rowsAfterRepair(user);
    assert.equal(row?.connection_key, key);
    assert.equal(row.missing_since, undefined);
  });
});
