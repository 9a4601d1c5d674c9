import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { migratorOf } from '../../demo/app/backend/database/migrate.js';
import { migrations } from '../../demo/app/backend/database/migrations.js';
import { earlierReleases } from './earlier-releases.js';
import { startPica, type PicaStandIn } from './pica-stand-in.js';
import { openFixtureDatabase, RepairFixture, type FixtureDatabase } from './repair-fixture.js';

test('every release before this one is tested', () => {
  const tested = Object.values(earlierReleases).map(({ migration }) => migration);
  assert.deepEqual(tested, Object.keys(migrations).slice(0, -1));
});

for (const [name, release] of Object.entries(earlierReleases)) {
  suite(`alongside this release, a process of the release ${name}`, () => {
    let opened: FixtureDatabase;
    let pica: PicaStandIn;
    let fixture: RepairFixture;

    before(async () => {
      opened = await openFixtureDatabase();
      const migrator = migratorOf(opened.database);
      await migrator.migrateTo(release.migration);
      // Fills the tables of that release before they are migrated.
      await release.save(opened.database, 'ada', 'stored-before');
      await release.save(opened.database, 'ada', 'deleted-before');
      await release.delete(opened.database, 'ada', 'deleted-before');
      await release.repair?.(opened.database, 'ada', '');
      const { error } = await migrator.migrateToLatest();
      assert.ifError(error);
      pica = await startPica();
      fixture = RepairFixture.create(opened, pica.origin);
    });
    after(async () => {
      await fixture.dispose();
      await opened.close();
      await pica.close();
    });

    const keysOf = async (user: string) =>
      (await fixture.rowsAfterRepair(user)).map((row) => row.connection_key).sort();
    const keysInEarlierRelease = async (user: string) =>
      (await release.list(fixture.database, user, '')).rows.map((row) => row.connection_key).sort();

    test('still lists what it stored before the migration, as this release does', async () => {
      pica.addToVault('ada', 'stored-before');
      assert.deepEqual(await keysInEarlierRelease('ada'), ['stored-before']);
      assert.deepEqual(await keysOf('ada'), ['stored-before']);
    });

    test('can save a connection twice, and this release lists it', async () => {
      pica.addToVault('grace', 'old');
      for (let saves = 0; saves < 2; saves++) {
        const { rows } = await release.save(fixture.database, 'grace', 'old');
        assert.equal(rows[0]?.connection_key, 'old');
      }
      assert.deepEqual(await keysOf('grace'), ['old']);
    });

    test('lists, saves again and deletes what this release has stored', async () => {
      pica.addToVault('mary', 'new');
      assert.equal((await fixture.save('mary', 'new')).status, 201);
      assert.deepEqual(await keysInEarlierRelease('mary'), ['new']);
      const { rows } = await release.save(fixture.database, 'mary', 'new');
      assert.equal(rows[0]?.connection_key, 'new');
      assert.equal((await release.delete(fixture.database, 'mary', 'new')).rows.length, 1);
      assert.deepEqual(await keysInEarlierRelease('mary'), []);
    });

    test('repairs without disturbing repairs of this release', async () => {
      pica.addToVault('emmy', 'hers');
      await fixture.save('emmy', 'hers');
      await release.repair?.(fixture.database, 'emmy', '');
      assert.deepEqual(await keysOf('emmy'), ['hers']);
      await release.repair?.(fixture.database, 'emmy', '');
      assert.deepEqual(await keysInEarlierRelease('emmy'), ['hers']);
    });

    test('does not list what this release has deleted', async () => {
      pica.addToVault('lise', 'gone');
      await release.save(fixture.database, 'lise', 'gone');
      await keysOf('lise');
      assert.equal((await fixture.ask('DELETE', 'lise', 'gone')).status, 204);
      assert.deepEqual(await keysInEarlierRelease('lise'), []);
    });
  });
}
