import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import { migratorOf } from '../../demo/app/backend/database/migrate.js';
import { userOwner, type Ownership } from '../../demo/app/backend/owner.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, type FixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';

let opened: FixtureDatabase;
before(async () => {
  opened = await openFixtureDatabase();
});
after(() => opened.close());

suite('a claim that Pica has not confirmed', () => {
  let pica: PicaStandIn;
  let stage: RepairFixture;

  beforeEach(async () => {
    pica = await startPica();
    stage = RepairFixture.set(opened, pica.origin);
  });
  afterEach(async () => {
    await stage.strike();
    await pica.close();
  });

  const down = () => pica.answers.set(vaultPath, () => new Response(null, { status: 503 }));
  const incomplete = () =>
    pica.answers.set(vaultPath, () =>
      Response.json({ rows: [{ identity: 'ada', key: 7 }], total: 1, pages: 1 }),
    );

  test('is confirmed by the repair, as the vault has it, with the name that was given', async () => {
    down();
    const saved = await stage.post('ada', 'live::gmail::a', { platform: 'slack', name: 'Mine' });
    const claim = (await saved.json()) as { id: string; created_at: string };
    pica.answers.clear();
    pica.own('ada', 'live::gmail::a');
    const [row, ...others] = await stage.repaired('ada');
    assert.deepEqual(others, []);
    assert.deepEqual(
      [row?.id, row?.created_at, row?.platform, row?.environment, row?.name, row?.confirmed],
      [claim.id, claim.created_at, 'gmail', 'live', 'Mine', undefined],
    );
  });

  test('is confirmed by the next save', async () => {
    down();
    await stage.post('ada', 'a');
    pica.answers.clear();
    pica.own('ada', 'a');
    assert.equal((await stage.post('ada', 'a')).status, 200);
    assert.equal((await stage.rows('ada'))[0]?.confirmed, undefined);
  });

  test('is dropped after ten minutes in which Pica answered', async () => {
    await stage.post('ada', 'a');
    assert.equal((await stage.repaired('ada'))[0]?.confirmed, false);
    await stage.age();
    assert.deepEqual(await stage.repaired('ada'), []);
  });

  for (const [what, answer] of Object.entries({ 'was away': down, 'listed not all': incomplete })) {
    test(`is not dropped after ten minutes in which Pica ${what}`, async () => {
      answer();
      await stage.post('ada', 'a');
      await stage.age();
      await stage.repaired('ada');
      pica.answers.clear();
      // The time begins with the first answer.
      assert.equal((await stage.repaired('ada'))[0]?.confirmed, false);
      await stage.age();
      assert.deepEqual(await stage.repaired('ada'), []);
    });
  }

  test('is kept while the vault has an odd row of it, unlike others', async () => {
    pica.answers.set(vaultPath, () =>
      Response.json({ rows: [{ identity: 'ada', key: 'a' }], total: 1, pages: 1 }),
    );
    for (const key of ['a', 'b']) await stage.post('ada', key);
    await stage.repaired('ada');
    await stage.age();
    const left = (await stage.repaired('ada')).map((row) => row.connection_key);
    assert.deepEqual(left, ['a']);
  });

  test('is asked about again soon, though nobody looks', async () => {
    await stage.post('ada', 'a');
    const secondsLeft = async () => {
      const { left } = await stage.database
        .selectFrom('repairs')
        .select(sql<number>`extract(epoch from due_at - now())::float`.as('left'))
        .executeTakeFirstOrThrow();
      return left;
    };
    assert.ok((await secondsLeft()) <= 30);
    await stage.repaired('ada');
    assert.ok((await secondsLeft()) <= 150);
  });

  test('that was deleted while Pica was asked is not stored', async () => {
    pica.answers.set(vaultPath, async () => {
      pica.answers.clear();
      await stage.database.deleteFrom('unconfirmed_connections').execute();
      const row = { id: '1', key: 'a', platform: 'gmail', identity: 'ada' };
      return Response.json({ rows: [row], total: 1, pages: 1 });
    });
    assert.equal((await stage.post('ada', 'a')).status, 404);
    assert.deepEqual(await stage.rows('ada'), []);
  });

  test('of one that somebody else had stored: the vault decides', async () => {
    await stage.save('thief', 'a');
    pica.own('ada', 'a');
    assert.equal((await stage.post('ada', 'a')).status, 201);
    assert.deepEqual(await stage.rows('thief'), []);
  });
});

suite('a row of the vault without an identity type', () => {
  let pica: PicaStandIn;
  let stage: RepairFixture;

  before(async () => {
    pica = await startPica();
    pica.answers.set(vaultPath, () => {
      const row = { id: '1', key: 'a', platform: 'gmail', identity: '42' };
      return Response.json({ rows: [row], total: 1, pages: 1 });
    });
  });
  after(() => pica.close());
  afterEach(() => stage.strike());

  for (const identityType of ['user', 'team'] as const) {
    test(`is ${identityType === 'user' ? '' : 'not '}that of ${identityType} 42`, async () => {
      stage = RepairFixture.set(opened, pica.origin, 0, secret, {
        ownerOf: () => ({ identity: '42', identityType }),
        mayDisconnect: () => true,
      });
      const isTheirs = identityType === 'user';
      assert.equal((await stage.post('ada', 'a')).status, isTheirs ? 201 : 202);
    });
  }
});

suite('deleting a key', () => {
  let pica: PicaStandIn;
  let stage: RepairFixture;

  before(async () => {
    pica = await startPica();
    stage = RepairFixture.set(opened, pica.origin);
  });
  after(async () => {
    await stage.strike();
    await pica.close();
  });

  const remembered = async () =>
    (await stage.database.selectFrom('deleted_connections').selectAll().execute()).length;

  test('that nobody has leaves nothing behind', async () => {
    assert.equal((await stage.ask('DELETE', 'ada', 'made-up')).status, 404);
    assert.equal(await remembered(), 0);
  });

  test('that the vault or the table has is remembered', async () => {
    pica.own('ada', 'a');
    await stage.save('ada', 'b');
    for (const key of ['a', 'b']) {
      assert.equal((await stage.ask('DELETE', 'ada', key)).status, 204);
    }
    assert.equal(await remembered(), 2);
  });
});

suite('a connection that is missing', () => {
  let pica: PicaStandIn;
  let stage: RepairFixture;

  beforeEach(async () => {
    pica = await startPica();
    stage = RepairFixture.set(opened, pica.origin);
    await stage.save('ada', 'a');
    await stage.age();
  });
  afterEach(async () => {
    await stage.strike();
    await pica.close();
  });

  test('becomes so though its key is sent again and again', async () => {
    assert.equal((await stage.post('ada', 'a')).status, 200);
    assert.ok((await stage.repaired('ada'))[0]?.missing_since);
  });

  test('stays so when its key is sent again: that asks the vault', async () => {
    await stage.repaired('ada');
    assert.equal((await stage.post('ada', 'a')).status, 202);
    assert.ok((await stage.rows('ada'))[0]?.missing_since);
    assert.equal((await stage.use('ada', 'a')).status, 409);
  });

  test('is there again as soon as the vault is seen to have it', async () => {
    await stage.repaired('ada');
    pica.own('ada', 'a');
    assert.equal((await stage.post('ada', 'a')).status, 200);
    const [row, ...others] = await stage.rows('ada');
    assert.deepEqual([row?.missing_since, row?.state, others], [undefined, 'operational', []]);
  });
});

suite('user 42 and team 42', () => {
  let sandbox: Sandbox;
  let stage: RepairFixture;

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
    stage = RepairFixture.set(opened, sandbox.origin, 0, 'sk_test_sandbox', teams);
  });
  afterEach(async () => {
    await stage.strike();
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
    (await stage.repaired(user)).map((row) => row.connection_key);

  test('get their own connections each, and are told whose they are', async () => {
    const users = await inVault('user');
    const teams = await inVault('team');
    assert.deepEqual(await keysOf('42'), [users.key]);
    assert.deepEqual(await keysOf('member'), [teams.key]);
    const [row] = (await stage.rows('member')) as unknown as Record<string, unknown>[];
    assert.deepEqual([row?.user_id, row?.identity_type], ['42', 'team']);
  });

  test('cannot claim each other’s', async () => {
    const teams = await inVault('team');
    const users = await inVault('user');
    assert.equal((await stage.post('42', teams.key)).status, 202);
    assert.equal((await stage.post('member', users.key)).status, 202);
    assert.equal((await stage.post('42', users.key)).status, 201);
    assert.equal((await stage.post('member', teams.key)).status, 201);
  });

  test('cannot disconnect each other’s', async () => {
    const teams = await inVault('team');
    await keysOf('member');
    assert.equal((await stage.ask('DELETE', '42', teams.key)).status, 404);
    assert.equal(await vaultHas(teams), true);
    assert.deepEqual(await keysOf('member'), [teams.key]);
  });

  test('cannot use each other’s', async () => {
    const teams = await inVault('team');
    await keysOf('member');
    assert.equal((await stage.use('42', teams.key)).status, 404);
    assert.equal((await stage.use('member', teams.key)).status, 200);
  });

  test('are not named by the user: no id is that of a team', async () => {
    await inVault('team');
    assert.equal((await stage.ask('GET', 'team:42')).status, 400);
  });

  test('what a team has, only who may can disconnect', async () => {
    const teams = await inVault('team');
    await keysOf('member');
    assert.equal((await stage.ask('DELETE', 'member', teams.key)).status, 403);
    assert.equal(await vaultHas(teams), true);
    assert.equal((await stage.ask('DELETE', 'admin', teams.key)).status, 204);
    assert.equal(await vaultHas(teams), false);
    assert.deepEqual(await keysOf('member'), []);
  });

  test('the end of a team’s member is no end of who is named like them', async () => {
    const namesake = (
      await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity: 'member' })
    ).body;
    assert.equal((await stage.end('member')).status, 204);
    assert.equal(await vaultHas(namesake), true);
  });

  test('a user’s end is that of the identity that they work with', async () => {
    const [theirs, others] = [await inVault('user'), await inVault('team')];
    const renamed = RepairFixture.set(opened, sandbox.origin, 0, 'sk_test_sandbox', {
      ownerOf: (user) => userOwner(user.replace('account-', '')),
      mayDisconnect: () => true,
    });
    assert.equal((await renamed.end('account-42')).status, 204);
    assert.deepEqual([await vaultHas(theirs), await vaultHas(others)], [false, true]);
  });

  test('a user’s end is no end of the team’s connections', async () => {
    const teams = await inVault('team');
    const users = await inVault('user');
    await keysOf('member');
    await keysOf('42');
    assert.equal((await stage.end('42')).status, 204);
    assert.deepEqual([await vaultHas(users), await vaultHas(teams)], [false, true]);
    assert.deepEqual(await keysOf('42'), []);
    assert.deepEqual(await keysOf('member'), [teams.key]);
  });
});

suite('the end of a user', () => {
  let sandbox: Sandbox;
  let stage: RepairFixture;

  before(async () => {
    sandbox = await startSandbox();
    stage = RepairFixture.set(opened, sandbox.origin, 0, 'sk_test_sandbox');
  });
  after(async () => {
    await stage.strike();
    await sandbox.close();
  });

  const inVault = async (identity: string) =>
    (await post<VaultRow>(sandbox, '/sandbox/vault', { platform: 'gmail', identity })).body;
  const everythingOf = async (user: string) => {
    const tables = ['user_connections', 'unconfirmed_connections'] as const;
    const rows = await Promise.all(
      tables.map((table) =>
        stage.database.selectFrom(table).select('user_id').where('user_id', '=', user).execute(),
      ),
    );
    return rows.flat();
  };

  test('takes rows, claims and grants, and nobody else’s', async () => {
    const [stored, unstored, others] = [
      await inVault('leaving'),
      await inVault('leaving'),
      await inVault('staying'),
    ];
    await stage.post('leaving', stored.key);
    await stage.post('leaving', 'test::gmail::claimed');
    await stage.post('staying', others.key);
    assert.equal((await stage.end('leaving')).status, 204);
    assert.deepEqual(await everythingOf('leaving'), []);
    const { body } = await askSandbox<{ rows: VaultRow[] }>(sandbox, '/sandbox/vault');
    assert.deepEqual(
      body.rows.map(({ key }) => key),
      [others.key],
    );
    assert.ok(!body.rows.some(({ key }) => key === unstored.key));
    assert.equal((await stage.rows('staying')).length, 1);
  });

  test('is not undone by a vault that lags behind', async () => {
    const { key } = await inVault('leaving-late');
    await stage.post('leaving-late', key);
    await stage.end('leaving-late');
    await post(sandbox, '/sandbox/vault', { platform: 'gmail', identity: 'leaving-late', key });
    assert.deepEqual(await stage.repaired('leaving-late'), []);
  });

  test('is not undone by what was never stored and the vault lists only later', async () => {
    const user = 'leaving-unseen';
    await stage.end(user);
    const due = await stage.database
      .selectFrom('repairs')
      .select('user_id')
      .where('user_id', '=', user)
      .where('due_at', '<=', sql<Date>`now() + interval '5 minutes'`)
      .execute();
    assert.equal(due.length, 1);
    const createdAt = new Date(Date.now() - 60_000).toISOString();
    const late = { platform: 'gmail', identity: user, createdAt };
    const { body } = await post<VaultRow>(sandbox, '/sandbox/vault', late);
    assert.deepEqual(await stage.repaired(user), []);
    assert.equal((await askSandbox(sandbox, `${vaultPath}/${body.id}`)).status, 404);
  });

  for (const [what, comeBack] of Object.entries({
    'asks for a token': (user: string) =>
      stage.repairs.expectConnection(userOwner(user), new AbortController().signal),
    'saves a connection': (user: string) => stage.post(user, 'test::gmail::another'),
  })) {
    test(`is over when the user ${what}: what is lost then is found again`, async () => {
      const user = `leaving-and-back-${what.slice(0, 4)}`;
      await stage.end(user);
      await comeBack(user);
      const { key } = await inVault(user);
      const keys = (await stage.repaired(user)).map((row) => row.connection_key);
      assert.ok(keys.includes(key), keys.join());
    });
  }

  test('is an error while Pica fails, leaves the rows, and can be repeated', async () => {
    const { key } = await inVault('leaving-twice');
    await stage.post('leaving-twice', key);
    const fault = { path: vaultPath, method: 'DELETE', status: 503, times: 1 };
    await post(sandbox, '/sandbox/faults', fault);
    assert.equal((await stage.end('leaving-twice')).status, 502);
    assert.equal((await stage.rows('leaving-twice')).length, 1);
    assert.equal((await stage.end('leaving-twice')).status, 204);
    assert.equal((await stage.end('leaving-twice')).status, 204);
    assert.deepEqual(await everythingOf('leaving-twice'), []);
  });
});

suite('a process of the release before, on the same tables', () => {
  let pica: PicaStandIn;
  let stage: RepairFixture;

  beforeEach(async () => {
    pica = await startPica();
    stage = RepairFixture.set(opened, pica.origin);
  });
  afterEach(async () => {
    await stage.strike();
    await pica.close();
  });

  /** The statement that it saves with. */
  const saveAsBefore = async (user: string, key: string) => {
    const { rows } = await sql<{ user_id: string }>`
      insert into "user_connections"
        ("id", "user_id", "platform", "connection_key", "environment", "state", "name")
      values (${crypto.randomUUID()}, ${user}, 'gmail', ${key}, 'test', 'operational', null)
      on conflict ("connection_key") do update set
        "platform" = "excluded"."platform", "environment" = "excluded"."environment",
        "state" = "excluded"."state", "name" = coalesce("excluded"."name", "user_connections"."name"),
        "updated_at" = now(), "missing_since" = null
      where "user_connections"."user_id" = ${user}
      returning *`.execute(stage.database);
    return rows.length;
  };
  /** The statements that it repairs with. */
  const repairAsBefore = async (user: string, key: string) => {
    await sql`
      insert into "repairs" ("user_id", "claimed_until") values (${user}, now() + interval '1 minute')
      on conflict ("user_id") do update set "claimed_until" = now() + interval '1 minute'`.execute(
      stage.database,
    );
    await sql`
      insert into "user_connections" ("user_id", "connection_key", "platform", "environment", "state", "name")
      values (${user}, ${key}, 'gmail', 'test', 'operational', null)
      on conflict ("connection_key") do nothing`.execute(stage.database);
    await sql`update "repairs" set "claimed_until" = null where "user_id" = ${user}`.execute(
      stage.database,
    );
  };

  test('saves, and saves again what this one has stored', async () => {
    assert.equal(await saveAsBefore('ada', 'a'), 1);
    await stage.save('ada', 'b');
    assert.equal(await saveAsBefore('ada', 'b'), 1);
    assert.equal(await saveAsBefore('grace', 'b'), 0);
  });

  test('repairs, beside the claims of this one', async () => {
    await stage.post('grace', 'a');
    await repairAsBefore('ada', 'a');
    pica.own('ada', 'a');
    assert.deepEqual(
      (await stage.repaired('ada')).map((row) => row.confirmed),
      [undefined],
    );
  });

  test('what it saves is taken up once the vault has been seen to hold it', async () => {
    await saveAsBefore('ada', 'a');
    assert.deepEqual(await stage.rows('ada'), []);
    await stage.repairs.settled();
    assert.equal((await stage.rows('ada'))[0]?.confirmed, false);
    // That look has set off a repair, beside which no other begins.
    await stage.repairs.settled();
    pica.own('ada', 'a');
    assert.equal((await stage.repaired('ada'))[0]?.confirmed, undefined);
  });

  test('what it saves for whoever knows a key keeps the owner from nothing', async () => {
    await saveAsBefore('thief', 'a');
    pica.own('ada', 'a');
    assert.equal((await stage.use('thief', 'a')).status, 404);
    assert.equal((await stage.post('ada', 'a')).status, 201);
  });
});

suite('the migration', () => {
  /** A database in which the release before has stored something. */
  async function migrated() {
    const { database, close } = await openFixtureDatabase();
    const migrator = migratorOf(database);
    await migrator.migrateTo('002-repairs');
    await sql`
      insert into user_connections (user_id, platform, environment, connection_key)
      values ('ada', 'gmail', 'test', 'kept'), ('ada', 'gmail', 'test', 'taken'),
        ('ada', 'gmail', 'live', 'test::disguised'), ('grace', 'gmail', 'test', 'hers')`.execute(
      database,
    );
    await sql`insert into repairs (user_id, due_at) values ('grace', null)`.execute(database);
    const { error } = await migrator.migrateToLatest();
    assert.equal(error, undefined);

    const pica = await startPica();
    pica.own('ada', 'kept');
    pica.answers.set('/v1/passthrough/test-message', () => Response.json({}));
    const stage = RepairFixture.set({ database, close }, pica.origin);
    const end = async () => {
      await stage.strike();
      await close();
      await pica.close();
    };
    return { database, pica, stage, end };
  }

  test('keeps what is stored in use, and has it compared with the vault', async () => {
    const { database, stage, end } = await migrated();
    const due = await database
      .selectFrom('repairs')
      .select('user_id')
      .where('due_at', '<=', sql<Date>`now() + interval '6 hours'`)
      .orderBy('user_id')
      .execute();
    assert.deepEqual(
      due.map((row) => row.user_id),
      ['ada', 'grace'],
    );
    assert.equal((await stage.use('ada', 'kept')).status, 200);
    await stage.age();
    await stage.repaired('ada');
    assert.equal((await stage.use('ada', 'kept')).status, 200);
    assert.equal((await stage.use('ada', 'taken')).status, 409);
    assert.equal((await stage.use('ada', 'test::disguised')).status, 409);
    await end();
  });

  test('lets nobody use what was never seen in their vault', async () => {
    const { pica, stage, end } = await migrated();
    const looks = () => pica.received.filter(({ path }) => path === vaultPath).length;
    assert.equal((await stage.use('ada', 'taken')).status, 409);
    // Sending it again proves nothing either.
    assert.equal((await stage.post('ada', 'taken')).status, 202);
    assert.equal((await stage.use('ada', 'taken')).status, 409);
    assert.equal((await stage.use('ada', 'kept')).status, 200);
    const asked = looks();
    assert.equal((await stage.use('ada', 'kept')).status, 200);
    assert.equal(looks(), asked);
    await end();
  });

  test('leaves it to the repair, too, to see it there', async () => {
    const { pica, stage, end } = await migrated();
    await stage.repaired('ada');
    pica.answers.set(vaultPath, () => new Response(null, { status: 503 }));
    assert.equal((await stage.use('ada', 'kept')).status, 200);
    await end();
  });
});
