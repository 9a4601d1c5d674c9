import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import type { Log } from '../log.js';
import { Problem } from '../problem.js';
import { hasAllMigrations, isNoSuchTable } from './migrate.js';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';

/** Load balancers ask often, and give up soon. */
const timeoutMs = 2000;

/** However often it is asked, the database is asked no more than once in this time. */
const reuseMs = 1000;

/** Whether the database can be used for everything that the backend does with it. */
export class Readiness {
  readonly #database: Database;
  readonly #log: Log;
  readonly #processId = randomUUID();
  #isFirst = true;
  #check: Promise<string> | undefined;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** @returns `ok`, or what is wrong */
  async status(): Promise<string> {
    this.#check ??= this.#run().finally(() => {
      setTimeout(() => (this.#check = undefined), reuseMs).unref();
    });
    // A server that has vanished keeps the check waiting for longer, and nobody else.
    return Promise.race([this.#check, delay(timeoutMs, 'database-timeout', { ref: false })]);
  }

  async #run(): Promise<string> {
    const overdue = AbortSignal.timeout(timeoutMs);
    try {
      const isMigrated = await transact(
        this.#database,
        async (transaction) => {
          if (!(await hasAllMigrations(transaction))) return false;
          await this.#write(transaction);
          await fillTemporaryFile(transaction);
          return true;
        },
        overdue,
      );
      this.#isFirst = false;
      if (isMigrated) return 'ok';
    } catch (error) {
      if (!isNoSuchTable(error)) {
        this.#log.warn({ err: error }, 'not ready');
        if (overdue.aborted) return 'database-timeout';
        return error instanceof Problem ? error.code : 'database-unavailable';
      }
    }
    this.#log.warn('not ready: the database lacks a migration, which "npm run migrate" brings');
    return 'database-not-migrated';
  }

  /** A row of this process's own, so that no process waits for another. It stays in its page: nothing grows. */
  async #write(transaction: Transaction<Schema>): Promise<void> {
    const now = sql<Date>`now()`;
    await transaction
      .insertInto('readiness_checks')
      .values({ process_id: this.#processId, checked_at: now })
      .onConflict((conflict) => conflict.column('process_id').doUpdateSet({ checked_at: now }))
      .execute();
    if (!this.#isFirst) return;
    // What processes have left that are gone.
    await transaction
      .deleteFrom('readiness_checks')
      .where('checked_at', '<', sql<Date>`now() - interval '1 day'`)
      .execute();
  }
}

/**
 * Writes half a megabyte to the database's disk, which PostgreSQL deletes again at once. On a full disk, what fits into a
 * page that is there already still succeeds, so that the write above proves nothing about the next.
 */
async function fillTemporaryFile(transaction: Transaction<Schema>): Promise<void> {
  // PostgreSQL keeps up to `work_mem` in memory. Other databases may not have that setting.
  await sql`
    select set_config('work_mem', '64kB', true) from pg_settings where name = 'work_mem'`.execute(
    transaction,
  );
  await sql`select count(*) from generate_series(1, 40000)`.execute(transaction);
}
