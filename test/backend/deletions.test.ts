import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import pg from 'pg';
import { startBackend, type Backend } from '../../demo/app/backend/server.js';
import { startBackendProcess } from './backend-process.js';
import { credentialSecret, headersOf } from './credentials.js';
import { secret, startPica, vaultRow, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, type FixtureDatabase } from './repair-fixture.js';
import { ask, authkitOrigin } from './test-backend.js';
import { administrate, adminUrl, createTestDatabase, type TestDatabase } from './test-database.js';

const endpoint = '/api/connections';
const vaultPath = '/v1/vault/connections';

/** Holds what Pica answers to the deletion of "a", until it is released. */
function holdDeletion(pica: PicaStandIn) {
  const steps = new EventEmitter();
  const asked = once(steps, 'asked');
  const released = once(steps, 'release');
  pica.answers.set(`${vaultPath}/id-of-a`, async () => {
    steps.emit('asked');
    await released;
    pica.answers.delete(`${vaultPath}/id-of-a`);
    pica.removeFromVault('a');
    return Response.json({});
  });
  return { asked, release: () => steps.emit('release') };
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
  const marks = () =>
    fixture.database
      .selectFrom('user_connections')
      .select('connection_key')
      .where('deleting_since', 'is not', null)
      .execute();
  /** As a process leaves it that ends halfway. */
  const leaveMark = (seconds: number) =>
    fixture.database
      .updateTable('user_connections')
      .set({ deleting_since: sql<Date>`now() - interval '1 second' * ${seconds}` })
      .execute();

  test('is listed as usual, and cannot be used', async () => {
    const { asked, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await asked;
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
    ['cannot be asked', vaultPath, { status: 503 }],
    ['refuses to list', vaultPath, { status: 400 }],
    ['refuses to delete', `${vaultPath}/id-of-a`, { status: 400 }],
    ['has been asked too often', `${vaultPath}/id-of-a`, { status: 429 }],
  ] as const) {
    test(`can be used again where Pica ${what}`, async () => {
      pica.answers.set(path, () => new Response(null, answer));
      assert.ok((await fixture.ask('DELETE', 'ada', 'a')).status >= 429);
      assert.deepEqual(await marks(), []);
      assert.deepEqual(await keys(), ['a']);
    });
  }

  test('stays marked where Pica may have deleted it, until a repair knows', async () => {
    pica.answers.set(`${vaultPath}/id-of-a`, () => {
      pica.removeFromVault('a');
      return new Response(null, { status: 500 });
    });
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 502);
    assert.equal((await marks()).length, 1);
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
  });

  test('goes with the next repair, if the vault no longer has it', async () => {
    await leaveMark(1);
    pica.removeFromVault('a');
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    // And does not come back from a vault that lags behind.
    pica.addToVault('ada', 'a');
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    assert.deepEqual(pica.keysInVault('ada'), []);
  });

  test('can be used again after a minute, if the vault still has it', async () => {
    await leaveMark(30);
    await fixture.rowsAfterRepair('ada');
    assert.equal((await marks()).length, 1);
    await leaveMark(61);
    await fixture.rowsAfterRepair('ada');
    assert.deepEqual(await marks(), []);
    assert.deepEqual(await keys(), ['a']);
  });

  /** Has the vault list other rows too, until they are deleted. */
  const alsoList = (...more: ({ id?: string } & Record<string, unknown>)[]) => {
    let left = more;
    pica.answers.set(vaultPath, () => {
      const rows = [...pica.keysInVault('ada').map((key) => vaultRow('ada', key)), ...left];
      return Response.json({ rows, total: rows.length, pages: 1, page: 1 });
    });
    for (const { id = '' } of more) {
      pica.answers.set(`${vaultPath}/${id}`, () => {
        left = left.filter((row) => row.id !== id);
        return Response.json({});
      });
    }
    return () => left;
  };
  /** Pica might have one without a platform. */
  const odd = (key: string) => ({ ...vaultRow('ada', key), platform: null, id: `id-of-${key}` });

  test('goes with the next repair, even if the vault has an odd row of another key', async () => {
    await leaveMark(1);
    pica.removeFromVault('a');
    alsoList(odd('b'));
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
  });

  test('can be used again after a minute, if the vault has an odd row of it', async () => {
    await leaveMark(61);
    pica.removeFromVault('a');
    alsoList(odd('a'));
    await fixture.rowsAfterRepair('ada');
    assert.deepEqual(await marks(), []);
    assert.deepEqual(await keys(), ['a']);
  });

  test('is deleted at Pica even if its row there is odd', async () => {
    pica.removeFromVault('a');
    const left = alsoList(odd('a'));
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 204);
    assert.deepEqual(left(), []);
    assert.deepEqual(await keys(), []);
  });

  test('stays if its row at Pica has no id to delete it by', async () => {
    pica.removeFromVault('a');
    alsoList({ ...odd('a'), id: undefined });
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 502);
    assert.deepEqual(await marks(), []);
    assert.deepEqual(await keys(), ['a']);
  });

  test('is deleted with its user, and so are odd rows', async () => {
    const left = alsoList(odd('b'), { id: 'keyless', identity: 'ada' });
    assert.equal((await fixture.deleteUser('ada')).status, 204);
    assert.deepEqual([...left(), ...pica.keysInVault('ada')], []);
    assert.deepEqual(await keys(), []);
  });

  test('is not forgotten with its user, while the vault has a row that nothing can delete', async () => {
    alsoList({ identity: 'ada', key: 'b' });
    assert.equal((await fixture.deleteUser('ada')).status, 502);
    assert.deepEqual(await keys(), ['a']);
  });

  test('is repaired soon, if its process ends', async () => {
    const { asked, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await asked;
    const due = await fixture.database
      .selectFrom('repairs')
      .select('user_id')
      .where('due_at', '<=', sql<Date>`now() + interval '75 seconds'`)
      .execute();
    assert.deepEqual(due, [{ user_id: 'ada' }]);
    release();
    await deleting;
  });

  test('is deleted by two simultaneous requests, and both get 204', async () => {
    const { asked, release } = holdDeletion(pica);
    const first = fixture.ask('DELETE', 'ada', 'a');
    await asked;
    const listed = new Promise<void>((resolve) => {
      pica.answers.set(vaultPath, () => {
        pica.answers.delete(vaultPath);
        resolve();
        // What the first one has deleted meanwhile.
        return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
      });
    });
    const second = fixture.ask('DELETE', 'ada', 'a');
    await listed;
    release();
    assert.deepEqual([(await first).status, (await second).status], [204, 204]);
    assert.deepEqual(await keys(), []);
  });

  test('and is saved meanwhile gets 202, and nothing is lost', async () => {
    const { asked, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await asked;
    const saved = await fixture.save('ada', 'a');
    assert.equal(saved.status, 202);
    release();
    assert.equal((await deleting).status, 204);
    const [row] = await fixture.rows('ada');
    assert.deepEqual([row?.connection_key, row?.confirmed], ['a', false]);
    // Looking has begun a repair, and there is only one at a time.
    await fixture.repairs.settled();
    // Connected anew, with the same key.
    pica.addToVault('ada', 'a');
    const [confirmed] = await fixture.rowsAfterRepair('ada');
    assert.deepEqual([confirmed?.connection_key, confirmed?.confirmed], ['a', undefined]);
    assert.deepEqual(pica.keysInVault('ada'), ['a']);
  });

  test('and is saved meanwhile, keeps the claim from a repair that still sees the old one', async () => {
    const { asked, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await asked;
    await fixture.save('ada', 'a');
    await fixture.rowsAfterRepair('ada');
    release();
    await deleting;
    assert.equal((await fixture.rows('ada'))[0]?.confirmed, false);
  });

  test('and was connected anew meanwhile is not deleted by the old wish', async () => {
    // As for a process that is paused while Pica answers.
    const { asked, release } = holdDeletion(pica);
    const deleting = fixture.ask('DELETE', 'ada', 'a');
    await asked;
    pica.removeFromVault('a');
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.save('ada', 'a')).status, 201);
    release();
    assert.equal((await deleting).status, 204);
    assert.deepEqual(await keys(), ['a']);
  });

  test('with an unknown key is looked up one at a time', async () => {
    const steps = new EventEmitter();
    const first = once(steps, 'ada');
    const elses = once(steps, 'grace');
    const released = once(steps, 'release');
    const looks: string[] = [];
    pica.answers.set(vaultPath, async ({ query: { identity = '' } }) => {
      looks.push(identity);
      steps.emit(identity);
      await released;
      return Response.json({ rows: [], total: 0, pages: 1, page: 1 });
    });
    const asked = ['x', 'y', 'z'].map((key) => fixture.ask('DELETE', 'ada', key));
    await first;
    // Somebody else does not wait for it, and by then the others have had their chance.
    const other = fixture.ask('DELETE', 'grace', 'x');
    await elses;
    assert.deepEqual(looks, ['ada', 'grace']);
    steps.emit('release');
    const statuses = (await Promise.all([...asked, other])).map(({ status }) => status);
    assert.deepEqual(statuses, [404, 404, 404, 404]);
    assert.equal(looks.length, 4);
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
      test(`asks Pica nothing while ${table} is locked`, async () => {
        const backend = await startBackend({ ...options(), logLevel: 'silent' });
        await save(backend);
        const asked = pica.received.length;
        const locking = new pg.Client({ connectionString: database.location });
        await locking.connect();
        await locking.query(`begin; lock table ${table} in access exclusive mode`);
        const { status, headers } = await remove(backend);
        assert.equal(status, 503);
        assert.ok(Number(headers.get('retry-after')) > 0);
        assert.equal(pica.received.length, asked);
        await locking.end();
        assert.equal((await remove(backend)).status, 204);
        assert.deepEqual(pica.keysInVault('ada'), []);
        await backend.close();
      });
    }

    test('goes on once Pica has been asked, even if the client has gone', async () => {
      const backend = await startBackend({ ...options(), logLevel: 'silent' });
      await save(backend);
      const { asked, release } = holdDeletion(pica);
      const leaving = new AbortController();
      const deleting = fetch(`${backend.origin}${endpoint}/a`, {
        method: 'DELETE',
        headers: headersOf('ada'),
        signal: leaving.signal,
      });
      await asked;
      leaving.abort();
      await assert.rejects(deleting);
      release();
      while ((await keysOf(backend)).length > 0);
      assert.deepEqual(pica.keysInVault('ada'), []);
      await backend.close();
    });

    /** Kills a process while Pica is deleting, and starts another one a little later. */
    const crash = async () => {
      const killed = await startBackendProcess(options());
      await save(killed);
      const { asked, release } = holdDeletion(pica);
      const deleting = remove(killed).catch(() => undefined);
      await asked;
      await killed.kill();
      await deleting;
      await administrate(
        `update user_connections set deleting_since = deleting_since - interval '75 seconds';
         update repairs set due_at = due_at - interval '75 seconds'`,
        database.location,
      );
      return release;
    };

    test('is finished after a crash, if Pica has deleted it', async () => {
      await crash();
      pica.removeFromVault('a');
      const restarted = await startBackendProcess(options());
      await restarted.logged(/"finished":1.*"msg":"repaired"/);
      assert.deepEqual(await keysOf(restarted), []);
      await restarted.kill();
    });

    test('is undone after a crash, if Pica still has it', async () => {
      await crash();
      const restarted = await startBackendProcess(options());
      await restarted.logged(/"cancelled":1.*"msg":"repaired"/);
      pica.answers.set('/v1/passthrough/test-message', () => Response.json({}));
      const use = { user: 'ada', body: {} };
      assert.equal((await ask(restarted, 'POST', `${endpoint}/a/test`, use)).status, 200);
      await restarted.kill();
    });
  },
);
