import { setTimeout as delay } from 'node:timers/promises';
import { sql, type Kysely, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Log } from '../log.js';
import { Problem } from '../problem.js';
import { StartError } from '../start-error.js';
import { migrations } from './migrations.js';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';

/** Between attempts. Each of them has already waited for PostgreSQL's `lock_timeout`. */
const pauseMs = 500;

/** Exported for tests, which start with an earlier release's tables. */
export const migratorOf = (database: Kysely<Schema>) =>
  new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });

/**
 * Brings the tables up to date. Any number of processes may call it at once: one migrates, the others wait. If there is
 * nothing to do, it locks and writes nothing.
 *
 * @throws StartError if the tables are locked for longer than `maxWaitMs`
 */
export async function migrate(database: Database, log: Log, maxWaitMs = 60_000): Promise<void> {
  const deadline = Date.now() + maxWaitMs;
  while (!(await isMigrated(database))) {
    try {
      await createKyselysTables(database);
      await migrateInOneTransaction(database, log);
    } catch (error) {
      if (!(error instanceof Problem && error.code === 'database-locked')) throw error;
      log.warn('waiting to migrate: the tables are locked');
      if (Date.now() > deadline) throw tooLong(maxWaitMs);
      await delay(pauseMs);
    }
  }
}

/**
 * Whether the tables are up to date, or newer: a newer release's migrations only add.
 *
 * @throws if the database can't be queried
 */
export async function isMigrated(database: Database): Promise<boolean> {
  try {
    return await transact(database, hasAllMigrations);
  } catch (error) {
    if (isNoSuchTable(error)) return false;
    throw error;
  }
}

/** @throws an error for which {@link isNoSuchTable} is true, if the database was never migrated */
export async function hasAllMigrations(transaction: Transaction<Schema>): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(
    transaction,
  );
  const applied = new Set(rows.map(({ name }) => name));
  return Object.keys(migrations).every((name) => applied.has(name));
}

export const isNoSuchTable = (error: unknown): boolean =>
  (error as { code?: string }).code === '42P01';

/** In one transaction, so that a process that dies leaves neither half a migration nor a lock. */
async function migrateInOneTransaction(database: Database, log: Log): Promise<void> {
  const applied = await transact(database, async (transaction) => {
    const { error, results } = await migratorOf(transaction).migrateToLatest();
    if (error instanceof Error) throw error;
    if (error !== undefined) throw new Error('The migration failed.', { cause: error });
    return results?.map(({ migrationName }) => migrationName);
  });
  log.info({ applied }, 'migrated');
}

/**
 * Creates them as Kysely would. Kysely itself can't do it in a transaction: if another process creates them at the same
 * time, the transaction fails, and so does Kysely's next query.
 */
async function createKyselysTables(database: Database): Promise<void> {
  try {
    await transact(database, async (transaction) => {
      await sql`
        create table if not exists kysely_migration
        (name varchar(255) not null primary key, timestamp varchar(255) not null)`.execute(
        transaction,
      );
      await sql`
        create table if not exists kysely_migration_lock
        (id varchar(255) not null primary key, is_locked integer not null default 0)`.execute(
        transaction,
      );
      await sql`
        insert into kysely_migration_lock (id) values ('migration_lock') on conflict do nothing`.execute(
        transaction,
      );
    });
  } catch (error) {
    // Even with IF NOT EXISTS, only one of several simultaneous CREATE TABLEs succeeds.
    if (!['23505', '42P07'].includes(String((error as { code?: string }).code))) throw error;
    await createKyselysTables(database);
  }
}

function tooLong(waitedMs: number): StartError {
  return new StartError(
    `The database needs a migration, but something has kept its tables locked for ${waitedMs / 1000} s: another ` +
      'migrating process, or a long transaction. Look into pg_stat_activity. Start again when that is over, or ' +
      'migrate before the processes start: npm run migrate.',
  );
}
