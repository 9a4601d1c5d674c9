import assert from 'node:assert/strict';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import { migratorOf } from '../../demo/app/backend/database/migrate.js';
import { startPica, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, shareFixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';
const database = shareFixtureDatabase();

suite('alongside this release, a process of the release before confirmation', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  beforeEach(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(database()));
  });
  afterEach(() => fixture.dispose());

  /** Runs the statement that the old release saves with. */
  const saveInOldRelease = async (user: string, key: string) => {
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
  /** Runs the statements that the old release repairs with. */
  const repairInOldRelease = async (user: string, key: string) => {
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

  test('saves connections, including those that this release has stored for the same user', async () => {
    assert.equal(await saveInOldRelease('ada', 'a'), 1);
    await fixture.insertRow('ada', 'b');
    assert.equal(await saveInOldRelease('ada', 'b'), 1);
    assert.equal(await saveInOldRelease('grace', 'b'), 0);
  });

  test('repairs a connection that this release has stored as somebody else’s claim', async () => {
    await fixture.save('grace', 'a');
    await repairInOldRelease('ada', 'a');
    pica.addToVault('ada', 'a');
    assert.deepEqual(
      (await fixture.rowsAfterRepair('ada')).map((row) => row.confirmed),
      [undefined],
    );
  });

  test('saves connections that this release confirms once the vault has them', async () => {
    await saveInOldRelease('ada', 'a');
    assert.deepEqual(await fixture.rows('ada'), []);
    await fixture.repairs.settled();
    assert.equal((await fixture.rows('ada'))[0]?.confirmed, false);
    // Listing started another repair, and no other starts until it ends.
    await fixture.repairs.settled();
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.rowsAfterRepair('ada'))[0]?.confirmed, undefined);
  });

  test('does not keep the owner from saving a key that it saved for somebody else', async () => {
    await saveInOldRelease('thief', 'a');
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.sendTestMessage('thief', 'a')).status, 404);
    assert.equal((await fixture.save('ada', 'a')).status, 201);
  });
});

suite('the migration to confirmed connections', () => {
  /** Migrates a database in which the old release has stored connections. */
  async function migrate() {
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

  test('keeps stored connections usable, and schedules their comparison with the vault', async () => {
    const { database, fixture, end } = await migrate();
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

  test('lets no user use a connection that is not in their vault', async () => {
    const { pica, fixture, end } = await migrate();
    const vaultRequests = () => pica.received.filter(({ path }) => path === vaultPath).length;
    assert.equal((await fixture.sendTestMessage('ada', 'taken')).status, 409);
    // Saving it again proves nothing.
    assert.equal((await fixture.save('ada', 'taken')).status, 202);
    assert.equal((await fixture.sendTestMessage('ada', 'taken')).status, 409);
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    const requestsBefore = vaultRequests();
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    assert.equal(vaultRequests(), requestsBefore);
    await end();
  });

  test('lets a repair confirm connections, which then work while Pica is down', async () => {
    const { pica, fixture, end } = await migrate();
    await fixture.rowsAfterRepair('ada');
    pica.answers.set(vaultPath, () => new Response(null, { status: 503 }));
    assert.equal((await fixture.sendTestMessage('ada', 'kept')).status, 200);
    await end();
  });
});
