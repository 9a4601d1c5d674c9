import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, mock, suite, test } from 'node:test';
import { sql } from 'kysely';
import { removeExpired } from '../../demo/app/backend/database/remove-expired.js';
import { changeRowsOf } from '../../demo/app/backend/database/user-lock.js';
import { userOwner } from '../../demo/app/backend/owner.js';
import { guard } from './hang-guard.js';
import { startPica, type PicaStandIn } from './pica-stand-in.js';
import { RepairFixture, shareFixtureDatabase } from './repair-fixture.js';
import { adminUrl } from './test-database.js';

const vaultPath = '/v1/vault/connections';

const row = (key: string, changes: object = {}) => ({
  id: `id-of-${key}`,
  key,
  platform: 'gmail',
  environment: 'test',
  identity: 'ada',
  identityType: 'user',
  state: 'operational',
  ...changes,
});

const listing = (...rows: object[]) =>
  Response.json({ rows, total: rows.length, pages: 1, page: 1 });

const database = shareFixtureDatabase();

suite('during a repair', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  beforeEach(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(database()));
  });
  afterEach(() => fixture.dispose());

  /**
   * Starts a repair for ada, and pauses it while it reads the vault.
   *
   * @returns a function that lets the repair finish
   */
  async function begin(...rows: object[]): Promise<() => Promise<void>> {
    const steps = new EventEmitter();
    const reached = once(steps, 'reached');
    const release = once(steps, 'release');
    pica.answers.set(vaultPath, async () => {
      pica.answers.set(vaultPath, () => listing(...rows));
      steps.emit('reached');
      await release;
      return listing(...rows);
    });
    fixture.repairs.request(userOwner('ada'));
    await guard('a request to Pica', reached);
    return async () => {
      steps.emit('release');
      await fixture.repairs.settled();
    };
  }

  const stored = () =>
    fixture.database
      .selectFrom('user_connections')
      .select(['connection_key', 'state', 'missing_since'])
      .where('user_id', '=', 'ada')
      .execute();

  test('the list is answered from the table', async () => {
    await fixture.insertRow('ada', 'a');
    const finish = await begin(row('a'), row('b'));
    assert.deepEqual(
      (await fixture.rows('ada')).map((it) => it.connection_key),
      ['a'],
    );
    await finish();
    assert.equal((await stored()).length, 2);
  });

  test('a connection that the user deletes does not come back', async () => {
    await fixture.insertRow('ada', 'a');
    const finish = await begin(row('a'));
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 204);
    await finish();
    assert.deepEqual(await stored(), []);
  });

  test('a connection that the user deletes does not appear, even if it was never stored', async () => {
    const finish = await begin(row('a'));
    assert.equal((await fixture.ask('DELETE', 'ada', 'a')).status, 204);
    await finish();
    assert.deepEqual(await stored(), []);
  });

  test('a saved connection keeps the state that it was saved with', async () => {
    await fixture.insertRow('ada', 'a');
    await fixture.ageRows();
    const finish = await begin(row('a', { state: 'degraded' }));
    await fixture.save('ada', 'a', { state: 'operational' });
    await finish();
    assert.deepEqual(
      (await stored()).map(({ state }) => state),
      ['operational'],
    );
  });

  test('a saved connection is not marked as missing', async () => {
    const finish = await begin();
    await fixture.insertRow('ada', 'a');
    await finish();
    assert.equal((await stored())[0]?.missing_since, null);
  });

  test('no other repair starts', async () => {
    const finish = await begin(row('a'));
    const otherRepairs = fixture.createOtherRepairs();
    otherRepairs.request(userOwner('ada'));
    await otherRepairs.settled();
    assert.equal(pica.received.length, 1);
    await finish();
  });

  test('another process takes over a minute after the first process has died', async () => {
    await fixture.database
      .insertInto('repairs')
      .values({ user_id: 'ada', claimed_until: sql<Date>`now() + interval '59 seconds'` })
      .execute();
    pica.answers.set(vaultPath, () => listing(row('a')));
    fixture.repairs.request(userOwner('ada'));
    await fixture.repairs.settled();
    assert.deepEqual(await stored(), []);
    await fixture.database
      .updateTable('repairs')
      .set({ claimed_until: sql<Date>`now() - interval '1 second'` })
      .execute();
    fixture.repairs.request(userOwner('ada'));
    await fixture.repairs.settled();
    assert.equal((await stored()).length, 1);
  });

  test('nothing is marked as missing if pages change between reads', async () => {
    await fixture.insertRow('ada', 'x');
    await fixture.ageRows();
    pica.answers.set(vaultPath, ({ query }) => {
      const page = Number(query.page);
      return Response.json({ rows: [row(`p${page}`)], total: 4 - page, pages: 2, page });
    });
    fixture.repairs.request(userOwner('ada'));
    await fixture.repairs.settled();
    const rows = await stored();
    assert.deepEqual(rows.map((it) => it.connection_key).sort(), ['p1', 'p2', 'x']);
    assert.ok(rows.every((it) => it.missing_since === null));
  });

  test('nothing is marked as missing if rows are invalid', async () => {
    await fixture.insertRow('ada', 'x');
    await fixture.ageRows();
    pica.answers.set(vaultPath, () => listing(row('a'), row('b', { key: 7 })));
    fixture.repairs.request(userOwner('ada'));
    await fixture.repairs.settled();
    const rows = await stored();
    assert.deepEqual(rows.map((it) => it.connection_key).sort(), ['a', 'x']);
    assert.ok(rows.every((it) => it.missing_since === null));
  });

  test('rows of other users are left alone', async () => {
    pica.answers.set(vaultPath, () => listing(row('a', { identity: 'grace' }), row('b')));
    fixture.repairs.request(userOwner('ada'));
    await fixture.repairs.settled();
    assert.deepEqual(
      (await stored()).map((it) => it.connection_key),
      ['b'],
    );
  });

  test('closing ends a repair that hangs, and another process can start it at once', async () => {
    await begin();
    await fixture.repairs.close(AbortSignal.abort());
    const claim = await fixture.database
      .selectFrom('repairs')
      .select(['claimed_until', 'tried_at'])
      .executeTakeFirstOrThrow();
    assert.deepEqual(claim, { claimed_until: null, tried_at: null });
  });
});

suite('repairs', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  beforeEach(async () => {
    pica = await startPica();
  });
  afterEach(async () => {
    mock.timers.reset();
    await fixture.dispose();
    await pica.close();
  });

  const createFixture = (pauseSeconds: number) =>
    (fixture = RepairFixture.create(database(), pica.origin, pauseSeconds));

  test('of one user run at most once per pause, even with several processes', async () => {
    const { repairs } = createFixture(30);
    const otherRepairs = fixture.createOtherRepairs();
    for (const process of [repairs, otherRepairs, repairs, otherRepairs]) {
      process.request(userOwner('ada'));
      await process.settled();
    }
    assert.equal(pica.received.length, 1);
  });

  test('of one user run again after the pause', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { repairs, database } = createFixture(30);
    repairs.request(userOwner('ada'));
    await repairs.settled();
    mock.timers.tick(31_000);
    await database
      .updateTable('repairs')
      .set({ tried_at: sql<Date>`now() - interval '31 seconds'` })
      .execute();
    repairs.request(userOwner('ada'));
    await repairs.settled();
    assert.equal(pica.received.length, 2);
  });

  test('that fail are retried with growing pauses', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { repairs, database } = createFixture(30);
    pica.answers.set(vaultPath, () => new Response(null, { status: 400 }));
    const askAfter = async (seconds: number) => {
      mock.timers.tick(3_600_000);
      await database
        .updateTable('repairs')
        .set({ tried_at: sql<Date>`now() - interval '1 second' * ${seconds}` })
        .execute();
      repairs.request(userOwner('ada'));
      await repairs.settled();
      return pica.received.length;
    };
    assert.equal(await askAfter(0), 1);
    assert.equal(await askAfter(59), 1);
    assert.equal(await askAfter(61), 2);
    assert.equal(await askAfter(119), 2);
    assert.equal(await askAfter(121), 3);
  });

  test('stop while Pica is down, and resume once it is back', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { repairs } = createFixture(0);
    pica.answers.set(vaultPath, () => new Response(null, { status: 503 }));
    const ask = async (user: string) => {
      repairs.request(userOwner(user));
      await repairs.settled();
      return pica.received.length;
    };
    for (let i = 1; i <= 5; i++) assert.equal(await ask(`user-${i}`), i);
    assert.equal(await ask('user-6'), 5);
    pica.answers.clear();
    mock.timers.tick(10 * 60_000);
    assert.equal(await ask('user-7'), 6);
    assert.equal(await ask('user-8'), 7);
  });

  test('pause for as long as Pica asks', async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const { repairs, database } = createFixture(0);
    const otherRepairs = fixture.createOtherRepairs();
    const headers = { 'retry-after': '600' };
    pica.answers.set(vaultPath, () => new Response(null, { status: 429, headers }));
    const ask = async (process: typeof repairs, user: string) => {
      process.request(userOwner(user));
      await process.settled();
      return pica.received.length;
    };
    assert.equal(await ask(repairs, 'ada'), 1);
    assert.equal(await ask(repairs, 'grace'), 1);
    // Another process doesn't try the same user before then either.
    assert.equal(await ask(otherRepairs, 'ada'), 1);
    const { left } = await database
      .selectFrom('repairs')
      .select(sql<number>`extract(epoch from due_at - now())::float`.as('left'))
      .where('user_id', '=', 'ada')
      .executeTakeFirstOrThrow();
    assert.ok(left > 500 && left <= 600, String(left));
    pica.answers.clear();
    mock.timers.tick(601_000);
    await database
      .updateTable('repairs')
      .set({ claimed_until: sql<Date>`now() - interval '1 second'` })
      .execute();
    assert.equal(await ask(repairs, 'grace'), 2);
    assert.equal(await ask(repairs, 'ada'), 3);
  });

  test('continue for other users if Pica refuses one', async () => {
    const { repairs } = createFixture(0);
    pica.answers.set(vaultPath, ({ query }) =>
      query.identity === 'bad' ? new Response(null, { status: 400 }) : listing(),
    );
    for (let i = 0; i < 6; i++) {
      repairs.request(userOwner('bad'));
      await repairs.settled();
    }
    repairs.request(userOwner('ada'));
    await repairs.settled();
    assert.equal(pica.received.at(-1)?.query.identity, 'ada');
  });

  test('that are due run in the scheduled job, even for users without rows', async () => {
    const { repairs, database } = createFixture(30);
    await repairs.expectConnection(userOwner('ada'), new AbortController().signal);
    await database
      .updateTable('repairs')
      .set({ due_at: sql<Date>`now()` })
      .execute();
    pica.answers.set(vaultPath, () => listing(row('a')));
    repairs.start();
    await repairs.settled();
    const rows = await database.selectFrom('user_connections').select('connection_key').execute();
    assert.deepEqual(rows, [{ connection_key: 'a' }]);
  });

  test('are due some minutes after a token, and hours after a repair that found connections', async () => {
    const { repairs, database } = createFixture(30);
    pica.answers.set(vaultPath, () => listing(row('a')));
    const minutesLeft = async () => {
      const seconds = sql<number>`extract(epoch from due_at - now())::float`;
      const { left } = await database
        .selectFrom('repairs')
        .select(seconds.as('left'))
        .executeTakeFirstOrThrow();
      return left / 60;
    };
    repairs.request(userOwner('ada'));
    await repairs.settled();
    const later = await minutesLeft();
    assert.ok(later > 4 * 60 && later < 8 * 60, String(later));
    await repairs.expectConnection(userOwner('ada'), new AbortController().signal);
    const soon = await minutesLeft();
    assert.ok(soon > 4 && soon <= 5, String(soon));
  });

  test('of users without connections are not due again', async () => {
    const { repairs, database } = createFixture(30);
    repairs.request(userOwner('ada'));
    await repairs.settled();
    const { due_at } = await database
      .selectFrom('repairs')
      .select('due_at')
      .executeTakeFirstOrThrow();
    assert.equal(due_at, null);
  });

  test('that are no longer needed are deleted', async () => {
    const { database } = createFixture(30);
    const before = sql<Date>`now() - interval '1 second'`;
    const later = sql<Date>`now() + interval '1 minute'`;
    const aDayAgo = sql<Date>`now() - interval '25 hours'`;
    await database
      .insertInto('repairs')
      .values([
        { user_id: 'only-locked' },
        { user_id: 'given-up', claimed_until: before },
        { user_id: 'long-ago', tried_at: aDayAgo },
        { user_id: 'due', due_at: later },
        { user_id: 'claimed', claimed_until: later },
        { user_id: 'just-now', tried_at: before },
      ])
      .execute();
    await removeExpired(database);
    const left = await database.selectFrom('repairs').select('user_id').execute();
    assert.deepEqual(left.map((it) => it.user_id).sort(), ['claimed', 'due', 'just-now']);
  });

  test(
    'that are no longer needed stay while they are locked, without waiting for the lock',
    { skip: !adminUrl && 'the embedded database has one connection' },
    async () => {
      const { database } = createFixture(30);
      await changeRowsOf(database, 'ada', () => Promise.resolve());
      await changeRowsOf(database, 'ada', async (transaction) => {
        await removeExpired(database);
        const left = await transaction.selectFrom('repairs').select('user_id').execute();
        assert.deepEqual(left, [{ user_id: 'ada' }]);
      });
      await removeExpired(database);
      assert.deepEqual(await database.selectFrom('repairs').select('user_id').execute(), []);
    },
  );

  test('that are due run once each with two processes', async () => {
    const { repairs, database } = createFixture(30);
    const otherRepairs = fixture.createOtherRepairs();
    const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
    await database
      .insertInto('repairs')
      .values(users.map((user_id) => ({ user_id, due_at: sql<Date>`now()` })))
      .execute();
    repairs.start();
    otherRepairs.start();
    await Promise.all([repairs.settled(), otherRepairs.settled()]);
    await otherRepairs.close(AbortSignal.timeout(5000));
    const requestedUsers = pica.received.map(({ query }) => query.identity ?? '');
    assert.deepEqual(requestedUsers.sort(), users.sort());
  });
});
