import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { Cluster } from '../backend/cluster.js';
import { credentialSecret } from '../backend/credentials.js';
import { secret, startPica, type PicaStandIn } from '../backend/pica-stand-in.js';
import { Savers, type NewConnection } from './savers.js';

interface Row {
  user_id: string;
  connection_key: string;
}

const names = (rows: Row[]) => rows.map((row) => `${row.user_id} ${row.connection_key}`).sort();

describe('a thousand connections of a hundred users', { timeout: 240_000 }, () => {
  let pica: PicaStandIn;
  let cluster: Cluster | undefined;

  before(async () => {
    pica = await startPica();
    cluster = await Cluster.start({
      size: 3,
      backend: {
        picaSecret: secret,
        picaApi: pica.origin,
        authkitOrigin: 'https://authkit.example',
        credentialSecrets: [credentialSecret],
      },
    });
  });
  after(async () => {
    await cluster?.close();
    await pica.close();
  });

  it('are stored while PostgreSQL restarts twice, PgBouncer once, and a process is killed', async (t) => {
    if (!cluster) {
      t.skip('PostgreSQL or PgBouncer is not installed');
      return;
    }
    const { postgres, pooler } = cluster;
    const processes = () => cluster?.processes ?? [];
    const connections = Array.from({ length: 1000 }, (_, index): NewConnection => {
      const user = `user-${index % 100}`;
      return { user, key: `test::gmail::${index}|${user}` };
    });
    for (const { user, key } of connections) pica.addToVault(user, key);

    const began = performance.now();
    const savers = new Savers(() => {
      // Fails early if a process ended unexpectedly: saving would never finish.
      for (const it of processes()) assert.equal(it.unexpectedEnd(), undefined);
      return processes().map(({ origin }) => origin);
    });
    const outages: string[] = [];
    const breakAt = async (count: number, what: string, run: () => Promise<unknown>) => {
      await savers.untilSaved(count);
      await run();
      outages.push(`${what} at ${count}`);
    };
    const breaking = async () => {
      await breakAt(150, 'PostgreSQL restarted', () => postgres.restart());
      await breakAt(350, 'process killed', () => cluster?.killOne() ?? Promise.resolve());
      await breakAt(500, 'process replaced', () => cluster?.add() ?? Promise.resolve());
      await breakAt(600, 'PgBouncer restarted', () => pooler.restart());
      await breakAt(800, 'PostgreSQL restarted', () => postgres.restart());
    };
    await Promise.all([savers.save(connections, 50), breaking()]);
    const seconds = (performance.now() - began) / 1000;

    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    t.after(() => client.end());
    const { rows } = await client.query<Row>(
      'select user_id, connection_key from user_connections where confirmed_at > $1',
      [new Date(0)],
    );
    const claims = await client.query<Row>('select * from unconfirmed_connections');

    for (const what of outages) t.diagnostic(what);
    for (const [answer, times] of savers.answers) t.diagnostic(`answered ${answer}: ${times}`);
    t.diagnostic(`${rows.length} stored, ${savers.retries} retries, ${seconds.toFixed(1)} s`);
    assert.deepEqual(cluster.faults, []);
    assert.deepEqual(
      names(rows),
      names(connections.map(({ user, key }) => ({ user_id: user, connection_key: key }))),
    );
    assert.deepEqual(claims.rows, []);
    // Proves that requests were pending during the outages.
    assert.ok((savers.answers.get('503, Retry-After') ?? 0) > 0);
    assert.ok((savers.answers.get('no answer') ?? 0) > 0);
  });
});
