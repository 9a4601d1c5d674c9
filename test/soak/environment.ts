import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { Cluster } from '../backend/cluster.js';
import { credentialSecret, headersOf } from '../backend/credentials.js';
import { credentialFor, type Purpose } from '../../demo/app/backend/signed-credential.js';
import { buildScriptTag } from '../../demo/app/start/build-script-tag.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import { BackendFaults } from './backend-faults.js';
import { FaultyProxy } from './faulty-proxy.js';
import { pageWith } from './page.js';
import type { Random } from './random.js';

const picaSecret = 'sk_test_sandbox';

/** Headers that stay valid for the whole run: renewing them is not tested here. */
const longLivedHeaders = (purpose: Purpose) => ({
  authorization: `Bearer ${credentialFor(purpose, user, credentialSecret, 24 * 3600)}`,
});

interface Row {
  key: string;
  state: string;
}

/** The owner of all connections. */
export const user = 'ada';

/** Three processes of the demo's backend behind PgBouncer, the sandbox, and faults in all of them. */
export class SoakEnvironment {
  readonly #cluster: Cluster;
  readonly proxy: FaultyProxy;
  readonly sandbox: Sandbox;
  readonly backendFaults: BackendFaults;

  private constructor(cluster: Cluster, proxy: FaultyProxy, sandbox: Sandbox, random: Random) {
    this.#cluster = cluster;
    this.proxy = proxy;
    this.sandbox = sandbox;
    this.backendFaults = new BackendFaults(cluster, random);
  }

  static async start(random: Random, report: (text: string) => void): Promise<SoakEnvironment> {
    await buildScriptTag(report);
    const sandbox = await startSandbox();
    const cluster = await Cluster.start({
      size: 3,
      backend: {
        picaSecret,
        picaApi: sandbox.origin,
        authkitOrigin: sandbox.origin,
        logLevel: 'warn',
        credentialSecrets: [credentialSecret],
        // Otherwise a repair would restore a lost connection from Pica and hide the loss. Five minutes after a token the
        // backend does that anyway.
        repairPauseSeconds: 24 * 3600,
      },
    });
    if (!cluster) {
      await sandbox.close();
      throw new Error(
        'PostgreSQL and PgBouncer are required: apt-get install postgresql pgbouncer',
      );
    }
    const origins = () => cluster.processes.map(({ origin }) => origin);
    const proxy = await FaultyProxy.start(origins, random);
    proxy.markup = pageWith(`${sandbox.origin}/authkit`, user, {
      token: longLivedHeaders('token'),
      connections: longLivedHeaders('connections'),
    });
    const environment = new SoakEnvironment(cluster, proxy, sandbox, random);
    // Lets each process run its first repair now, while Pica has no connections. Each remembers when it did.
    for (const origin of origins()) await environment.#list(origin);
    return environment;
  }

  /** Unexpected failures of the backend. */
  get faults(): string[] {
    return this.#cluster.faults;
  }

  /** The keys in the user's list. */
  listedKeys(): Promise<string[]> {
    const [first] = this.#cluster.processes;
    return this.#list(first?.origin ?? '');
  }

  /** Injects a fault into the sandbox, which AuthKit's page and the backend use. */
  async addSandboxFault(fault: object): Promise<void> {
    await fetch(`${this.sandbox.origin}/sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
  }

  /** Stops the proxy's faults and clears the sandbox's. */
  async clearFaults(): Promise<void> {
    this.proxy.isFaulty = false;
    await fetch(`${this.sandbox.origin}/sandbox/faults`, { method: 'DELETE' });
  }

  /**
   * Lets the backend repair the remaining differences, for at most three minutes.
   *
   * @returns the differences that remain between table and vault, and transactions that were left open
   */
  async differences(): Promise<string[]> {
    const { origin } = await this.#cluster.add({ repairPauseSeconds: 0 });
    const database = new pg.Client({ connectionString: this.#cluster.postgres.url });
    await database.connect();
    const end = Date.now() + 180_000;
    try {
      for (;;) {
        await this.#list(origin);
        const remaining = await this.#compare(database);
        if (remaining.length === 0 || Date.now() > end) return remaining;
        await setTimeout(2000);
      }
    } finally {
      await database.end();
    }
  }

  async close(): Promise<void> {
    await this.proxy.close();
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
    // A connection that was deleted at Pica while it was being saved. The backend drops it after ten minutes.
    const isExpiring = ({ key, state }: Row) =>
      state === 'unconfirmed' && !inVault.has(key) && this.proxy.deletionsInDoubt.has(key);
    const rows = all.filter((row) => !isExpiring(row));
    const inTable = new Set(rows.map(({ key }) => key));
    const describe = (problem: string, key: string) =>
      `${problem}: ${key}: ${this.proxy.historyOf(key)}`;
    return [
      ...[...inVault]
        .filter((key) => !inTable.has(key))
        .map((key) => describe('Only in the vault', key)),
      ...rows
        .filter(({ key }) => !inVault.has(key))
        .map(({ key }) => describe('Only in the table', key)),
      ...rows
        .filter(({ state }) => state !== 'stored')
        .map(({ key, state }) => describe(state, key)),
      ...open.map(({ query }) => `Left in a transaction: ${query}`),
    ];
  }
}
