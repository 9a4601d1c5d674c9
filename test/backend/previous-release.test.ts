import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import { migratorOf } from '../../demo/app/backend/database/migrate.js';
import { startPica, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, shareFixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';
const database = shareFixtureDatabase();

suite('a process of the release before, on the same tables', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  beforeEach(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(database()));
  });
  afterEach(() => fixture.dispose());

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
      returning *`.execute(fixture.database);
    return rows.length;
  };
  /** The statements that it repairs with. */
  const repairAsBefore = async (user: string, key: string) => {
    await sql`
      insert into "repairs" ("user_id", "claimed_until") values (${user}, now() + interval '1 minute')
      on conflict ("user_id") do update set "claimed_until" = now() + interval '1 minute'`.execute(
      fixture.database,
    );
    await sql`
      insert into "user_connections" ("user_id", "connection_key", "platform", "environment", "state", "name")
      values (${user}, ${key}, 'gmail', 'test', 'operational', null)
      on conflict ("connection_key") do nothing`.execute(fixture.database);
    await sql`update "repairs" set "claimed_until" = null where "user_id" = ${user}`.execute(
      fixture.database,
    );
  };

  test('saves, and saves again what this one has stored', async () => {
    assert.equal(await saveAsBefore('ada', 'a'), 1);
    await fixture.insertRow('ada', 'b');
    assert.equal(await saveAsBefore('ada', 'b'), 1);
    assert.equal(await saveAsBefore('grace', 'b'), 0);
  });

  test('repairs, beside the claims of this one', async () => {
    await fixture.save('grace', 'a');
    await repairAsBefore('ada', 'a');
    pica.addToVault('ada', 'a');
    assert.deepEqual(
      (await fixture.rowsAfterRepair('ada')).map((row) => row.confirmed),
      [undefined],
    );
  });

  test('what it saves is taken up once the vault has been seen to hold it', async () => {
    await saveAsBefore('ada', 'a');
    assert.deepEqual(await fixture.rows('ada'), []);
    await fixture.repairs.settled();
    assert.equal((await fixture.rows('ada'))[0]?.confirmed, false);
    // That look has set off a repair, beside which no other begins.
    await fixture.repairs.settled();
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.rowsAfterRepair('ada'))[0]?.confirmed, undefined);
  });

  test('what it saves for whoever knows a key keeps the owner from nothing', async () => {
    await saveAsBefore('thief', 'a');
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.sendTestMessage('thief', 'a')).status, 404);
    assert.equal((await fixture.save('ada', 'a')).status, 201);
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
    pica.addToVault('ada', 'kept');
    pica.answers.set('/v1/passthrough/test-message', () => Response.json({}));
    const fixture = RepairFixture.create({ database, close }, pica.origin);
    const end = async () => {
      await fixture.dispose();
      await close();
      await pica.close();
    };
    return { database, pica, fixture, end };
  }

  test('keeps what is stored in use, and has it compared with the vault', async () => {
    const { database, fixture, end } = await migrated();
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
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    await fixture.ageRows();
    await fixture.rowsAfterRepair('ada');
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    assert.equal((await fixture.sendTestMessage('ada', 'taken')).status, 409);
    assert.equal((await fixture.sendTestMessage('ada', 'test::disguised')).status, 409);
    await end();
  });

  test('lets nobody use what was never seen in their vault', async () => {
    const { pica, fixture, end } = await migrated();
    const looks = () => pica.received.filter(({ path }) => path === vaultPath).length;
    assert.equal((await fixture.sendTestMessage('ada', 'taken')).status, 409);
    // Sending it again proves nothing either.
    assert.equal((await fixture.save('ada', 'taken')).status, 202);
    assert.equal((await fixture.sendTestMessage('ada', 'taken')).status, 409);
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    const asked = looks();
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    assert.equal(looks(), asked);
    await end();
  });

  test('leaves it to the repair, too, to see it there', async () => {
    const { pica, fixture, end } = await migrated();
    await fixture.rowsAfterRepair('ada');
    pica.answers.set(vaultPath, () => new Response(null, { status: 503 }));
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    await end();
  });
});
