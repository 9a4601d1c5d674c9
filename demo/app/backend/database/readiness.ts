import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Transaction } from 'kysely';
import type { Log } from '../log.js';
import { Problem } from '../problem.js';
import { hasAllMigrations, isNoSuchTable } from './migrate.js';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';

/** Load balancers don't wait long. */
const timeoutMs = 2000;

/** Load balancers ask often. The database is checked at most once in this time. */
const reuseMs = 1000;

/** Checks whether the database can be read and written to. */
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

  /** @returns `ok`, or a code for the fault */
  async status(): Promise<string> {
    this.#check ??= this.#run().finally(() => {
      setTimeout(() => (this.#check = undefined), reuseMs).unref();
    });
    // If the server has vanished, the check takes longer than its callers can wait.
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
    this.#log.warn('not ready: the database lacks a migration. Run "npm run migrate"');
    return 'database-not-migrated';
  }

  /** Updates a row that only this process uses, so that processes don't wait for each other. The table doesn't grow. */
  async #write(transaction: Transaction<Schema>): Promise<void> {
    const now = sql<Date>`now()`;
    await transaction
      .insertInto('readiness_checks')
      .values({ process_id: this.#processId, checked_at: now })
      .onConflict((conflict) => conflict.column('process_id').doUpdateSet({ checked_at: now }))
      .execute();
    if (!this.#isFirst) return;
    // Delete the rows of processes that have ended.
    await transaction
      .deleteFrom('readiness_checks')
      .where('checked_at', '<', sql<Date>`now() - interval '1 day'`)
      .execute();
  }
}

/**
 * Writes half a megabyte to the database's disk, which PostgreSQL deletes at once. On a full disk, the small write in
 * `#write` still succeeds if its page has room, so it proves nothing about the next write.
 */
async function fillTemporaryFile(transaction: Transaction<Schema>): Promise<void> {
  // Lower `work_mem`, because PostgreSQL keeps that much in memory. Other databases may not have this setting.
  await sql`
    select set_config('work_mem', '64kB', true) from pg_settings where name = 'work_mem'`.execute(
    transaction,
  );
  await sql`select count(*) from generate_series(1, 40000)`.execute(transaction);
}
