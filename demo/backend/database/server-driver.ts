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
import { cancelStatement, type Cancellable } from './cancel.js';
import { ConnectionFailed, PoolExhausted } from './failures.js';
import type { DatabaseLimits } from './limits.js';
import { abortError } from './transaction.js';

/** How much longer we wait than PostgreSQL should: a server that has vanished does not say so. */
const graceMs = 2000;

/** Kysely's dialect for node-postgres, with time limits in every transaction, and signals that cancel in PostgreSQL. */
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
 * One process migrates at a time: whoever has locked the row of Kysely's table, until the transaction ends. Kysely's own
 * advisory lock lives in the session, and behind a pooler that is not ours: it would stay locked for ever.
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
      // pg-pool gives it no code.
      const isExhausted = String(error).includes('timeout exceeded when trying to connect');
      throw new (isExhausted ? PoolExhausted : ConnectionFailed)(String(error), { cause: error });
    }
  }

  /** In one message, so that the limits cost no time. `SET LOCAL`, because poolers refuse or mix up any other. */
  override async beginTransaction(
    connection: ServerConnection,
    { isolationLevel = 'read committed' }: TransactionSettings,
  ): Promise<void> {
    const { statementTimeoutMs, lockTimeoutMs, idleInTransactionTimeoutMs } = this.#limits;
    await connection.begin(
      // No access mode: `read write` would write where an administrator has said `default_transaction_read_only`.
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

/** A client of the pool, for as long as somebody has it. */
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
    // What the inherited commitTransaction() looks for.
    if (command === 'ROLLBACK') return { rows: [{ command } as Row] };
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  }

  streamQuery(): never {
    throw new Error('Nothing here streams.');
  }

  async begin(sql: string): Promise<void> {
    try {
      await this.#run(sql, []);
    } catch (error) {
      // Nobody rolls back what has not begun, and half of it may have.
      this.#isBroken = true;
      throw error;
    }
  }

  /** Never rejects: the error that led here is the one to tell. */
  async rollback(): Promise<void> {
    this.ignoreSignal();
    try {
      await this.#run('rollback', []);
    } catch {
      // PostgreSQL rolls back when the connection is closed.
      this.#isBroken = true;
    }
  }

  /** From here on, what was begun is brought to its end. */
  ignoreSignal(): void {
    this.#signal = undefined;
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }

  async #run<Row>(
    sql: string,
    parameters: readonly unknown[],
  ): Promise<pg.QueryResult<Row & object>> {
    const client = this.#client;
    const signal = this.#signal;
    if (signal?.aborted) throw abortError(signal);
    let cancelled: Promise<void> | undefined;
    const cancel = () => {
      cancelled = cancelStatement(client as unknown as Cancellable, this.#timeoutMs);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    // Ending a connection with a statement under way closes its socket, and the statement fails.
    const overdue = setTimeout(() => void client.end(), this.#timeoutMs);
    try {
      return await client.query(sql, [...parameters]);
    } catch (error) {
      // To a server that has been demoted, the next one must not lead any more.
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
