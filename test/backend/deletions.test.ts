import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import { startBackend, type Backend } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret, headersOf } from './credentials.js';
import { guard, poll } from './hang-guard.js';
import { secret, startPica, vaultRow, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, type FixtureDatabase } from './repair-fixture.js';
import { ask, authkitOrigin } from './test-backend.js';
import {
  administrate,
  adminUrl,
  connectTo,
  createTestDatabase,
  type TestDatabase,
} from './test-database.js';

const endpoint = '/api/connections';
const vaultPath = '/v1/vault/connections';

/** Delays Pica's answer to the deletion of "a" until `release()`. */
function holdDeletion(pica: PicaStandIn) {
  const steps = new EventEmitter();
  const reached = once(steps, 'reached');
  const released = once(steps, 'release');
  pica.answers.set(`${vaultPath}/id-of-a`, async () => {
    steps.emit('reached');
    await released;
    pica.answers.delete(`${vaultPath}/id-of-a`);
    pica.removeFromVault('a');
    return Response.json({});
  });
  return {
    reached: () => guard('a request to Pica', reached),
    release: () => steps.emit('release'),
  };
}

suite('a connection that is being deleted', () => {
  let opened: FixtureDatabase;
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  before(async () => {
    opened = await openFixtureDatabase();
  });
  after(() => opened.close());
  beforeEach(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(opened));
    pica.addToVault('ada', 'a');
    await fixture.insertRow('ada', 'a');
  });
  afterEach(() => fixture.dispose());

  const keys = async () => (await fixture.rows('ada')).map((row) => row.connection_key);
  const markedRows = () =>
    fixture.database
      .selectFrom('user_connections')
      .select('connection_key')
      .where('deleting_since', 'is not', null)
      .execute();
  /** Marks all rows as if a process had started to delete them this many seconds ago, and then ended. */
  const markRows = (ageSeconds: number) =>
    fixture.database
      .updateTable('user_connections')
      .set({ deleting_since: sql<Date>`now() - interval '1 second' * ${ageSeconds}` })
      .execute();

  test('is still listed, but cannot be used', async () => {
    const { reached, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await reached();
    const [row, ...others] = await fixture.rows('ada');
    assert.deepEqual(others, []);
    assert.equal(row?.connection_key, 'a');
    assert.ok(!Object.keys(row).includes('deleting_since'));
    const use = await fixture.sendTestMessage('ada', 'a');
    assert.equal(use.status, 409);
    assert.equal(((await use.json()) as { error: string }).error, 'connection-being-deleted');
    release();
    assert.equal((await deleting).status, 204);
    assert.deepEqual(await keys(), []);
  });

  for (const [what, path, answer] of [
    ['is down', vaultPath, { status: 503 }],
    ['refuses to list', vaultPath, { status: 400 }],
    ['refuses to delete', `${vaultPath}/id-of-a`, { status: 400 }],
    ['limits the rate', `${vaultPath}/id-of-a`, { status: 429 }],
  ] as const) {
    test(`can be used again if Pica ${what}`, async () => {
      pica.answers.set(path, () => new Response(null, answer));
      assert.ok((await fixture.ask('DELETE', 'ada', 'a')).status >= 429);
      assert.deepEqual(await markedRows(), []);
      assert.deepEqual(await keys(), ['a']);
    });
  }

  test('stays marked if Pica may have deleted it, until a repair finds out', async () => {
    pica.answers.set(`${vaultPath}/id-of-a`, () => {
      pica.removeFromVault('a');
      return new Response(null, { status: 500 });
    });
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 502);
    assert.equal((await markedRows()).length, 1);
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
  });

  test('is removed by the next repair if the vault no longer has it', async () => {
    await markRows(1);
    pica.removeFromVault('a');
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    // A vault that lags behind must not bring it back.
    pica.addToVault('ada', 'a');
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    assert.deepEqual(pica.keysInVault('ada'), []);
  });

  test('can be used again after a minute if the vault still has it', async () => {
    await markRows(30);
    await fixture.rowsAfterRepair('ada');
    assert.equal((await markedRows()).length, 1);
    await markRows(61);
    await fixture.rowsAfterRepair('ada');
    assert.deepEqual(await markedRows(), []);
    assert.deepEqual(await keys(), ['a']);
  });

  /**
   * Makes the vault list more rows, until they are deleted.
   *
   * @returns a function that returns the rows left
   */
  const addVaultRows = (...rows: ({ id?: string } & Record<string, unknown>)[]) => {
    let left = rows;
    pica.answers.set(vaultPath, () => {
      const all = [...pica.keysInVault('ada').map((key) => vaultRow('ada', key)), ...left];
      return Response.json({ rows: all, total: all.length, pages: 1, page: 1 });
    });
    for (const { id = '' } of rows) {
      pica.answers.set(`${vaultPath}/${id}`, () => {
        left = left.filter((row) => row.id !== id);
        return Response.json({});
      });
    }
    return () => left;
  };
  /** A row without a platform, which the backend cannot use. */
  const invalidRow = (key: string) => ({
    ...vaultRow('ada', key),
    platform: null,
    id: `id-of-${key}`,
  });

  test('is removed by the next repair, even if the vault has an invalid row with another key', async () => {
    await markRows(1);
    pica.removeFromVault('a');
    addVaultRows(invalidRow('b'));
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
  });

  test('can be used again after a minute if the vault has an invalid row with its key', async () => {
    await markRows(61);
    pica.removeFromVault('a');
    addVaultRows(invalidRow('a'));
    await fixture.rowsAfterRepair('ada');
    assert.deepEqual(await markedRows(), []);
    assert.deepEqual(await keys(), ['a']);
  });

  test('is deleted at Pica even if its row there is invalid', async () => {
    pica.removeFromVault('a');
    const left = addVaultRows(invalidRow('a'));
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 204);
    assert.deepEqual(left(), []);
    assert.deepEqual(await keys(), []);
  });

  test('is kept if its row at Pica has no id to delete it by', async () => {
    pica.removeFromVault('a');
    addVaultRows({ ...invalidRow('a'), id: undefined });
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 502);
    assert.deepEqual(await markedRows(), []);
    assert.deepEqual(await keys(), ['a']);
  });

  test('is deleted with its user, and so are invalid rows at Pica', async () => {
    const left = addVaultRows(invalidRow('b'), { id: 'keyless', identity: 'ada' });
    assert.equal((await fixture.deleteUser('ada')).status, 204);
    assert.deepEqual([...left(), ...pica.keysInVault('ada')], []);
    assert.deepEqual(await keys(), []);
  });

  test('is not deleted with its user while the vault has a row without an id', async () => {
    addVaultRows({ identity: 'ada', key: 'b' });
    assert.equal((await fixture.deleteUser('ada')).status, 502);
    assert.deepEqual(await keys(), ['a']);
  });

  test('is scheduled for a repair within 75 seconds, in case its process ends', async () => {
    const { reached, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await reached();
    const due = await fixture.database
      .selectFrom('repairs')
      .select('user_id')
      .where('due_at', '<=', sql<Date>`now() + interval '75 seconds'`)
      .execute();
    assert.deepEqual(due, [{ user_id: 'ada' }]);
    release();
    await deleting;
  });

  test('is deleted by two simultaneous requests, which both get 204', async () => {
    const { reached, release } = holdDeletion(pica);
    const first = fixture.ask('DELETE', 'ada', 'a');
    await reached();
    const listed = new Promise<void>((resolve) => {
      pica.answers.set(vaultPath, () => {
        pica.answers.delete(vaultPath);
        resolve();
        // The first request has deleted it meanwhile.
        return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
      });
    });
    const second = fixture.ask('DELETE', 'ada', 'a');
    await guard('a request to Pica', listed);
    release();
    assert.deepEqual([(await first).status, (await second).status], [204, 204]);
    assert.deepEqual(await keys(), []);
  });

  test('is not lost if it is saved meanwhile, which gets 202', async () => {
    const { reached, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await reached();
    const saved = await fixture.save('ada', 'a');
    assert.equal(saved.status, 202);
    release();
    assert.equal((await deleting).status, 204);
    const [row] = await fixture.rows('ada');
    assert.deepEqual([row?.connection_key, row?.confirmed], ['a', false]);
    // Listing started a repair, and no other starts until it ends.
    await fixture.repairs.settled();
    // The user has connected again, and the key is the same.
    pica.addToVault('ada', 'a');
    const [confirmed] = await fixture.rowsAfterRepair('ada');
    assert.deepEqual([confirmed?.connection_key, confirmed?.confirmed], ['a', undefined]);
    assert.deepEqual(pica.keysInVault('ada'), ['a']);
  });

  test('keeps the claim of a save meanwhile, even if a repair still sees the old connection', async () => {
    const { reached, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await reached();
    await fixture.save('ada', 'a');
    await fixture.rowsAfterRepair('ada');
    release();
    await deleting;
    assert.equal((await fixture.rows('ada'))[0]?.confirmed, false);
  });

  test('is not deleted by the old request if the user has connected again meanwhile', async () => {
    // This can happen to a process that is paused while Pica answers.
    const { reached, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await reached();
    pica.removeFromVault('a');
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.save('ada', 'a')).status, 201);
    release();
    assert.equal((await deleting).status, 204);
    assert.deepEqual(await keys(), ['a']);
  });

  test('waits for the user’s previous look-up if its key is unknown', async () => {
    const steps = new EventEmitter();
    const adaReached = once(steps, 'ada');
    const graceReached = once(steps, 'grace');
    const released = once(steps, 'release');
    const lookedUpUsers: string[] = [];
    pica.answers.set(vaultPath, async ({ query: { identity = '' } }) => {
      lookedUpUsers.push(identity);
      steps.emit(identity);
      await released;
      return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
    });
    const deletions = ['x', 'y', 'z'].map((key) => fixture.ask('DELETE', 'ada', key));
    await guard('a request to Pica', adaReached);
    // Grace's look-up does not wait for Ada's. When it arrives, Ada's other requests have had time to arrive, too.
    const other = fixture.ask('DELETE', 'grace', 'x');
    await guard('a request to Pica', graceReached);
    assert.deepEqual(lookedUpUsers, ['ada', 'grace']);
    steps.emit('release');
    const statuses = (await Promise.all([...deletions, other])).map(({ status }) => status);
    assert.deepEqual(statuses, [404, 404, 404, 404]);
    assert.equal(lookedUpUsers.length, 4);
  });
});

suite(
  'deleting a connection',
  { skip: !adminUrl && 'the embedded database cannot be reached from outside' },
  () => {
    let pica: PicaStandIn;
    let database: TestDatabase;

    beforeEach(async () => {
      pica = await startPica();
      database = await createTestDatabase();
      pica.addToVault('ada', 'a');
    });
    afterEach(async () => {
      await pica.close();
      await database.drop();
    });

    const options = () => ({
      database: database.location,
      picaSecret: secret,
      picaApi: pica.origin,
      authkitOrigin,
      credentialSecrets: [credentialSecret],
      drainMs: 0,
    });
    const save = (backend: Pick<Backend, 'origin'>) => {
      const body = { platform: 'gmail', connection_key: 'a', environment: 'test' };
      return ask(backend, 'POST', endpoint, { user: 'ada', body });
    };
    const remove = (backend: Pick<Backend, 'origin'>) =>
      ask(backend, 'DELETE', `${endpoint}/a`, { user: 'ada' });
    const keysOf = async (backend: Pick<Backend, 'origin'>) => {
      const { json } = await ask(backend, 'GET', endpoint, { user: 'ada' });
      return (json.rows as { connection_key: string }[]).map((row) => row.connection_key);
    };

    for (const table of [
      'user_connections',
      'unconfirmed_connections',
      'deleted_connections',
      'repairs',
    ]) {
      test(`sends Pica nothing while ${table} is locked`, async () => {
        const backend = await startBackend({ ...options(), logLevel: 'silent' });
        await save(backend);
        const requestsBefore = pica.received.length;
        const locking = await connectTo(database.location);
        await locking.query(`begin; lock table ${table} in access exclusive mode`);
        const { status, headers } = await remove(backend);
        assert.equal(status, 503);
        assert.ok(Number(headers.get('retry-after')) > 0);
        assert.equal(pica.received.length, requestsBefore);
        await locking.end();
        assert.equal((await remove(backend)).status, 204);
        assert.deepEqual(pica.keysInVault('ada'), []);
        await backend.close();
      });
    }

    test('continues once Pica has been asked, even if the client disconnects', async (t) => {
      const backend = await startBackend({ ...options(), logLevel: 'silent' });
      t.after(() => backend.close());
      await save(backend);
      const { reached, release } = holdDeletion(pica);
      const controller = new AbortController();
      const deleting = fetch(`${backend.origin}${endpoint}/a`, {
        method: 'DELETE',
        headers: headersOf('ada'),
        signal: controller.signal,
      });
      await reached();
      controller.abort();
      await assert.rejects(deleting);
      release();
      await poll(
        'the deletion',
        () => keysOf(backend),
        (keys) => keys.length === 0,
      );
      assert.deepEqual(pica.keysInVault('ada'), []);
    });

    /** Kills a process while Pica is deleting, and lets 75 seconds pass. */
    const crash = async () => {
      const killed = await startBackendProcess(options());
      await save(killed);
      const { reached, release } = holdDeletion(pica);
      const deleting = remove(killed).catch(() => undefined);
      await reached();
      await killed.kill();
      await deleting;
      await administrate(
        `update user_connections set deleting_since = deleting_since - interval '75 seconds';
         update repairs set due_at = due_at - interval '75 seconds'`,
        database.location,
      );
      return release;
    };

    test('is finished after a crash if Pica has deleted the connection', async (t) => {
      await crash();
      pica.removeFromVault('a');
      const restarted = await startBackendProcess(options());
      t.after(() => restarted.kill());
      await restarted.logged(/"finished":1.*"msg":"repaired"/);
      assert.deepEqual(await keysOf(restarted), []);
    });

    test('is undone after a crash if Pica still has the connection', async (t) => {
      await crash();
      const restarted = await startBackendProcess(options());
      t.after(() => restarted.kill());
      await restarted.logged(/"cancelled":1.*"msg":"repaired"/);
      pica.answers.set('/v1/passthrough/test-message', () => Response.json({}));
      const use = { user: 'ada', body: {} };
      assert.equal((await ask(restarted, 'POST', `${endpoint}/a/test`, use)).status, 200);
    });
  },
);
