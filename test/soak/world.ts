import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { Cluster } from '../backend/cluster.js';
import { credentialSecret, headersOf } from '../backend/credentials.js';
import { credentialFor, type Purpose } from '../../demo/app/backend/signed-credential.js';
import { buildScriptTag } from '../../demo/app/start/build-script-tag.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { Breakage } from './breakage.js';
import { Front } from './front.js';
import { pageWith } from './page.js';
import type { Random } from './random.js';

const picaSecret = 'sk_test_sandbox';

/** Headers that outlast the run: what the page asks for anew is not what is looked at here. */
const lasting = (purpose: Purpose) => ({
  authorization: `Bearer ${credentialFor(purpose, user, credentialSecret, 24 * 3600)}`,
});

interface Row {
  key: string;
  state: string;
}

/** The user whose connections they are. */
export const user = 'ada';

/** Three processes of the demo's backend behind PgBouncer, the stand-ins for Pica and AuthKit, and what breaks them. */
export class World {
  readonly #cluster: Cluster;
  readonly front: Front;
  readonly sandbox: Sandbox;
  readonly breakage: Breakage;

  private constructor(cluster: Cluster, front: Front, sandbox: Sandbox, random: Random) {
    this.#cluster = cluster;
    this.front = front;
    this.sandbox = sandbox;
    this.breakage = new Breakage(cluster, random);
  }

  static async start(random: Random, say: (text: string) => void): Promise<World> {
    await buildScriptTag(say);
    const sandbox = await startSandbox();
    const cluster = await Cluster.start({
      size: 3,
      backend: {
        picaSecret,
        picaApi: sandbox.origin,
        authkitOrigin: sandbox.origin,
        logLevel: 'warn',
        credentialSecrets: [credentialSecret],
        // Or what the page has lost would be brought back from Pica at once; after five minutes it is all the same.
        repairPauseSeconds: 24 * 3600,
      },
    });
    if (!cluster) {
      await sandbox.close();
      throw new Error('It takes PostgreSQL and PgBouncer: apt-get install postgresql pgbouncer');
    }
    const origins = () => cluster.processes.map(({ origin }) => origin);
    const front = await Front.start(origins, random);
    front.markup = pageWith(`${sandbox.origin}/authkit`, user, {
      token: lasting('token'),
      connections: lasting('connections'),
    });
    const world = new World(cluster, front, sandbox, random);
    // Now, while Pica has none to be compared with: on each process, as each remembers when it did.
    for (const origin of origins()) await world.#list(origin);
    return world;
  }

  /** What nobody foresaw on the host's side. */
  get faults(): string[] {
    return this.#cluster.faults;
  }

  /** The keys that the user's list has. */
  rows(): Promise<string[]> {
    const [first] = this.#cluster.processes;
    return this.#list(first?.origin ?? '');
  }

  /** Has Pica's stand-in fail the next of what AuthKit's page and the backend ask it for. */
  async trouble(fault: object): Promise<void> {
    await fetch(`${this.sandbox.origin}/sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
  }

  /** From now on everything works. */
  async heal(): Promise<void> {
    this.front.isFaulty = false;
    await fetch(`${this.sandbox.origin}/sandbox/faults`, { method: 'DELETE' });
  }

  /**
   * Has the backend repair what is left of what broke, for three minutes at most.
   *
   * @returns what differs in the end between table and vault, and what was left open in the database
   */
  async differences(): Promise<string[]> {
    const { origin } = await this.#cluster.add({ repairPauseSeconds: 0 });
    const database = new pg.Client({ connectionString: this.#cluster.postgres.url });
    await database.connect();
    const end = Date.now() + 180_000;
    try {
      for (;;) {
        await this.#list(origin);
        const left = await this.#compare(database);
        if (left.length === 0 || Date.now() > end) return left;
        await setTimeout(2000);
      }
    } finally {
      await database.end();
    }
  }

  async close(): Promise<void> {
    await this.front.close();
    await this.#cluster.close();
    await this.sandbox.close();
  }

  async #list(origin: string): Promise<string[]> {
    const response = await fetch(`${origin}/api/connections`, { headers: headersOf(user) });
    const answer = (await response.json()) as { rows: { connection_key: string }[] };
    return answer.rows.map((row) => row.connection_key);
  }

  async #compare(database: pg.Client): Promise<string[]> {
    const response = await fetch(`${this.sandbox.origin}/sandbox/vault`);
    const vault = (await response.json()) as { rows: { key: string }[] };
    const inVault = new Set(vault.rows.map(({ key }) => key));
    const { rows: all } = await database.query<Row>(`
      select connection_key as key, case when deleting_since is not null then 'being deleted'
        when missing_since is not null then 'missing' else 'stored' end as state from user_connections
      union all select connection_key, 'unconfirmed' from unconfirmed_connections`);
    const { rows: open } = await database.query<{ query: string }>(
      `select query from pg_stat_activity
        where state like 'idle in transaction%' and state_change < now() - interval '15 seconds'`,
    );
    // Deleted at Pica while it was still being saved: it is of no use, and dropped after ten minutes.
    const isDying = ({ key, state }: Row) =>
      state === 'unconfirmed' && !inVault.has(key) && this.front.deletionsInDoubt.has(key);
    const rows = all.filter((row) => !isDying(row));
    const inTable = new Set(rows.map(({ key }) => key));
    const told = (what: string, key: string) => `${what}: ${key}: ${this.front.historyOf(key)}`;
    return [
      ...[...inVault]
        .filter((key) => !inTable.has(key))
        .map((key) => told('Only in the vault', key)),
      ...rows
        .filter(({ key }) => !inVault.has(key))
        .map(({ key }) => told('Only in the table', key)),
      ...rows.filter(({ state }) => state !== 'stored').map(({ key, state }) => told(state, key)),
      ...open.map(({ query }) => `Left in a transaction: ${query}`),
    ];
  }
}
