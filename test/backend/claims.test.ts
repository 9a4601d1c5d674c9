import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { sql } from 'kysely';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { RepairFixture, shareFixtureDatabase } from './repair-fixture.js';

const vaultPath = '/v1/vault/connections';
const database = shareFixtureDatabase();

suite('a claim that Pica has not confirmed', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  beforeEach(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(database()));
  });
  afterEach(() => fixture.dispose());

  const down = () => pica.answers.set(vaultPath, () => new Response(null, { status: 503 }));
  const incomplete = () =>
    pica.answers.set(vaultPath, () =>
      Response.json({ rows: [{ identity: 'ada', key: 7 }], total: 1, pages: 1 }),
    );

  test('is confirmed by the repair with the vault’s data and the name from the save', async () => {
    down();
    const saved = await fixture.save('ada', 'live::gmail::a', { platform: 'slack', name: 'Mine' });
    const claim = (await saved.json()) as { id: string; created_at: string };
    pica.answers.clear();
    pica.addToVault('ada', 'live::gmail::a');
    const [row, ...others] = await fixture.rowsAfterRepair('ada');
    assert.deepEqual(others, []);
    assert.deepEqual(
      [row?.id, row?.created_at, row?.platform, row?.environment, row?.name, row?.confirmed],
      [claim.id, claim.created_at, 'gmail', 'live', 'Mine', undefined],
    );
  });

  test('is confirmed by the next save', async () => {
    down();
    await fixture.save('ada', 'a');
    pica.answers.clear();
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.save('ada', 'a')).status, 200);
    assert.equal((await fixture.rows('ada'))[0]?.confirmed, undefined);
  });

  test('is dropped after ten minutes in which Pica answered', async () => {
    await fixture.save('ada', 'a');
    assert.equal((await fixture.rowsAfterRepair('ada'))[0]?.confirmed, false);
    await fixture.ageRows();
    assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
  });

  for (const [what, answer] of Object.entries({ 'was away': down, 'listed not all': incomplete })) {
    test(`is not dropped after ten minutes if Pica ${what}`, async () => {
      answer();
      await fixture.save('ada', 'a');
      await fixture.ageRows();
      await fixture.rowsAfterRepair('ada');
      pica.answers.clear();
      // The ten minutes start with the first answer.
      assert.equal((await fixture.rowsAfterRepair('ada'))[0]?.confirmed, false);
      await fixture.ageRows();
      assert.deepEqual(await fixture.rowsAfterRepair('ada'), []);
    });
  }

  test('is kept while the vault has an invalid row with its key', async () => {
    pica.answers.set(vaultPath, () =>
      Response.json({ rows: [{ identity: 'ada', key: 'a' }], total: 1, pages: 1 }),
    );
    for (const key of ['a', 'b']) await fixture.save('ada', key);
    await fixture.rowsAfterRepair('ada');
    await fixture.ageRows();
    const left = (await fixture.rowsAfterRepair('ada')).map((row) => row.connection_key);
    assert.deepEqual(left, ['a']);
  });

  test('is looked up again soon, even if nobody opens the list', async () => {
    await fixture.save('ada', 'a');
    const secondsLeft = async () => {
      const { left } = await fixture.database
        .selectFrom('repairs')
        .select(sql<number>`extract(epoch from due_at - now())::float`.as('left'))
        .executeTakeFirstOrThrow();
      return left;
    };
    assert.ok((await secondsLeft()) <= 30);
    await fixture.rowsAfterRepair('ada');
    assert.ok((await secondsLeft()) <= 150);
  });

  test('is not stored if it was deleted while Pica was asked', async () => {
    pica.answers.set(vaultPath, async () => {
      pica.answers.clear();
      await fixture.database.deleteFrom('unconfirmed_connections').execute();
      const row = { id: '1', key: 'a', platform: 'gmail', identity: 'ada' };
      return Response.json({ rows: [row], total: 1, pages: 1 });
    });
    assert.equal((await fixture.save('ada', 'a')).status, 404);
    assert.deepEqual(await fixture.rows('ada'), []);
  });

  test('goes to the owner in the vault, even if somebody else stored it first', async () => {
    await fixture.insertRow('thief', 'a');
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.save('ada', 'a')).status, 201);
    assert.deepEqual(await fixture.rows('thief'), []);
  });
});

suite('a row of the vault without an identity type', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  before(async () => {
    pica = await startPica();
    pica.answers.set(vaultPath, () => {
      const row = { id: '1', key: 'a', platform: 'gmail', identity: '42' };
      return Response.json({ rows: [row], total: 1, pages: 1 });
    });
  });
  after(() => pica.close());
  afterEach(() => fixture.dispose());

  for (const identityType of ['user', 'team'] as const) {
    test(`${identityType === 'user' ? 'belongs' : 'does not belong'} to ${identityType} 42`, async () => {
      fixture = RepairFixture.create(database(), pica.origin, 0, secret, {
        ownerOf: () => ({ identity: '42', identityType }),
        mayDisconnect: () => true,
      });
      const isTheirs = identityType === 'user';
      assert.equal((await fixture.save('ada', 'a')).status, isTheirs ? 201 : 202);
    });
  }
});

suite('deleting a key', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  before(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(database()));
  });
  after(() => fixture.dispose());

  const remembered = async () =>
    (await fixture.database.selectFrom('deleted_connections').selectAll().execute()).length;

  test('leaves no trace of a key that nobody has', async () => {
    assert.equal((await fixture.ask('DELETE', 'ada', 'made-up')).status, 404);
    assert.equal(await remembered(), 0);
  });

  test('is remembered if the vault or the table has the key', async () => {
    pica.addToVault('ada', 'a');
    await fixture.insertRow('ada', 'b');
    for (const key of ['a', 'b']) {
      assert.equal((await fixture.ask('DELETE', 'ada', key)).status, 204);
    }
    assert.equal(await remembered(), 2);
  });
});

suite('a connection that disappears from the vault', () => {
  let pica: PicaStandIn;
  let fixture: RepairFixture;

  beforeEach(async () => {
    ({ pica, fixture } = await RepairFixture.createWithPica(database()));
    await fixture.insertRow('ada', 'a');
    await fixture.ageRows();
  });
  afterEach(() => fixture.dispose());

  test('is marked as missing, even if its key is saved again and again', async () => {
    assert.equal((await fixture.save('ada', 'a')).status, 200);
    assert.ok((await fixture.rowsAfterRepair('ada'))[0]?.missing_since);
  });

  test('stays missing when its key is saved again, because the vault decides', async () => {
    await fixture.rowsAfterRepair('ada');
    assert.equal((await fixture.save('ada', 'a')).status, 202);
    assert.ok((await fixture.rows('ada'))[0]?.missing_since);
    assert.equal((await fixture.sendTestMessage('ada', 'a')).status, 409);
  });

  test('is back as soon as the vault lists it again', async () => {
    await fixture.rowsAfterRepair('ada');
    pica.addToVault('ada', 'a');
    assert.equal((await fixture.save('ada', 'a')).status, 200);
    const [row, ...others] = await fixture.rows('ada');
    assert.deepEqual([row?.missing_since, row?.state, others], [undefined, 'operational', []]);
  });
});
