import {
  PostgresAdapter,
  PostgresDialect,
  PostgresDriver,
  sql,
  type AbortableOperationOptions,
  type CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  type MigrationLockOptions,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import pg from 'pg';
import { abortError } from '../abort-error.js';
import { cancelStatement, type Cancellable } from './cancel-statement.js';
import { ConnectionFailed, PoolExhausted } from './failures.js';
import type { DatabaseLimits } from './limits.js';

/** Wait this much longer than PostgreSQL's own limit, in case the server has vanished and can't cancel anything. */
const graceMs = 2000;

/** Kysely's dialect for node-postgres, plus time limits in every transaction and signals that cancel in PostgreSQL. */
export class ServerDialect extends PostgresDialect {
  readonly #pool: pg.Pool;
  readonly #limits: DatabaseLimits;

  constructor(pool: pg.Pool, limits: DatabaseLimits) {
    super({ pool });
    this.#pool = pool;
    this.#limits = limits;
  }

  override createAdapter() {
    return new ServerAdapter();
  }

  override createDriver() {
    return new ServerDriver(this.#pool, this.#limits);
  }
}

/**
 * Locks a row of Kysely's table until the transaction ends, so that one process migrates at a time. Kysely's default is
 * an advisory lock, which belongs to the session. Behind a pooler, the session outlives this client, and so would the
 * lock.
 */
class ServerAdapter extends PostgresAdapter {
  override async acquireMigrationLock(
    transaction: Kysely<unknown>,
    { lockTable, lockRowId }: MigrationLockOptions,
  ): Promise<void> {
    await sql`select id from ${sql.table(lockTable)} where id = ${lockRowId} for update`.execute(
      transaction,
    );
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}

class ServerDriver extends PostgresDriver {
  readonly #pool: pg.Pool;
  readonly #limits: DatabaseLimits;

  constructor(pool: pg.Pool, limits: DatabaseLimits) {
    super({ pool });
    this.#pool = pool;
    this.#limits = limits;
  }

  override async acquireConnection(options?: AbortableOperationOptions): Promise<ServerConnection> {
    try {
      const client = await this.#pool.connect();
      const timeoutMs = this.#limits.statementTimeoutMs + graceMs;
      return new ServerConnection(client, timeoutMs, options?.signal);
    } catch (error) {
      if (error instanceof pg.DatabaseError) throw error;
      // pg-pool's error has no code.
      const isExhausted = String(error).includes('timeout exceeded when trying to connect');
      throw new (isExhausted ? PoolExhausted : ConnectionFailed)(String(error), { cause: error });
    }
  }

  /**
   * Sends everything in one message, so that the limits cost no round trip. Uses `SET LOCAL`, because poolers refuse
   * other settings or mix them up.
   */
  override async beginTransaction(
    connection: ServerConnection,
    { isolationLevel = 'read committed' }: TransactionSettings,
  ): Promise<void> {
    const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs } = this.#limits;
    await connection.begin(
      // No access mode: `read write` would override an administrator's `default_transaction_read_only`.
      `begin isolation level ${isolationLevel};
       set local statement_timeout = ${statementTimeoutMs};
       set local lock_timeout = ${lockTimeoutMs};
       set local idle_in_transaction_session_timeout = ${idleInTransactionTimeoutMs}`,
    );
  }

  override commitTransaction(connection: ServerConnection): Promise<void> {
    connection.ignoreSignal();
    return super.commitTransaction(connection);
  }

  override rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return (connection as ServerConnection).rollback();
  }

  override releaseConnection(connection: DatabaseConnection): Promise<void> {
    (connection as ServerConnection).release();
    return Promise.resolve();
  }
}

/** A client of the pool, between acquire and release. */
class ServerConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  readonly #timeoutMs: number;
  #signal: AbortSignal | undefined;
  #isBroken = false;

  constructor(client: pg.PoolClient, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const { command, rowCount, rows } = await this.#run<Row>(sql, parameters);
    // The inherited commitTransaction() looks for this.
    if (command === 'ROLLBACK') return { rows: [{ command } as Row] };
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery(): never {
    throw new Error('Streaming is not supported.');
  }

  async begin(sql: string): Promise<void> {
    try {
      // End the connection instead of cancelling: if the pooler has no free connection, nothing runs yet.
      await this.#run(sql, [], () => this.#client.end());
    } catch (error) {
      // Half of it may have run, and Kysely doesn't roll back a transaction that hasn't begun.
      this.#isBroken = true;
      throw error;
    }
  }

  /** Never rejects, because the error that led here matters more. */
  async rollback(): Promise<void> {
    this.ignoreSignal();
    try {
      await this.#run('rollback', []);
    } catch {
      // PostgreSQL rolls back when the connection is closed.
      this.#isBroken = true;
    }
  }

  /** From then on, nothing cancels the transaction. */
  ignoreSignal(): void {
    this.#signal = undefined;
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }

  async #run<Row>(
    sql: string,
    parameters: readonly unknown[],
    giveUp = () => cancelStatement(this.#client as unknown as Cancellable, this.#timeoutMs),
  ): Promise<pg.QueryResult<Row & object>> {
    const client = this.#client;
    const signal = this.#signal;
    if (signal?.aborted) throw abortError(signal);
    let cancelled: Promise<void> | undefined;
    const cancel = () => {
      cancelled = giveUp();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    // Ending a connection closes its socket, so its running statement fails.
    const overdue = setTimeout(() => void client.end(), this.#timeoutMs);
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      // 25006: the server is read-only, perhaps demoted. Close the connection, so that the next one finds the primary.
      this.#isBroken ||= !(error instanceof pg.DatabaseError) || error.code === '25006';
      if (error instanceof pg.DatabaseError) throw error;
      throw new ConnectionFailed(String(error), { cause: error });
    } finally {
      clearTimeout(overdue);
      signal?.removeEventListener('abort', cancel);
      await cancelled;
    }
  }
}
