import { randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { Schema, UserConnection } from './schema.js';
import { changeRowsOf } from './user-lock.js';

export interface NewConnection {
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  name?: string | undefined;
}

/** A row as it is told: without `missing_since` where there is nothing to be said. */
export type TellableConnection = Omit<UserConnection, 'missing_since'> & { missing_since?: Date };

export type Saved =
  | { outcome: 'created' | 'updated'; row: TellableConnection }
  | { outcome: 'belongs-to-another-user' };

/** The rows of one user. Every statement names the user, so that none can reach anybody else's. */
export class UserConnections {
  readonly #database: Kysely<Schema>;
  readonly #user: string;

  constructor(database: Kysely<Schema>, user: string) {
    this.#database = database;
    this.#user = user;
  }

  /** Newest first. */
  async list(): Promise<TellableConnection[]> {
    const rows = await this.#database
      .selectFrom('user_connections')
      .selectAll()
      .where('user_id', '=', this.#user)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.map(tellable);
  }

  async find(key: string): Promise<TellableConnection | undefined> {
    const row = await this.#database
      .selectFrom('user_connections')
      .selectAll()
      .where('user_id', '=', this.#user)
      .where('connection_key', '=', key)
      .executeTakeFirst();
    return row && tellable(row);
  }

  /**
   * Stores a connection, or updates the row that holds its key already.
   *
   * One statement, because the same connection may arrive twice at the same moment (a repeat from the outbox,
   * two tabs): asking first and writing then would let the second one fail.
   */
  async save(connection: NewConnection): Promise<Saved> {
    const id = randomUUID();
    const row = await this.#database
      .insertInto('user_connections')
      .values({ id, user_id: this.#user, ...connection, name: connection.name ?? null })
      .onConflict((conflict) =>
        conflict
          .column('connection_key')
          .doUpdateSet((expression) => ({
            platform: expression.ref('excluded.platform'),
            environment: expression.ref('excluded.environment'),
            state: expression.ref('excluded.state'),
            // A repeat without a name does not take the name away.
            name: expression.fn.coalesce('excluded.name', 'user_connections.name'),
            updated_at: sql<Date>`now()`,
            // AuthKit has just said that it is there; the next repair says what is true.
            missing_since: null,
          }))
          // Without this a key could be taken over from its owner by whoever knows it.
          .where('user_connections.user_id', '=', this.#user),
      )
      .returningAll()
      .executeTakeFirst();
    if (!row) return { outcome: 'belongs-to-another-user' };
    return { outcome: row.id === id ? 'created' : 'updated', row: tellable(row) };
  }

  /** Whether there was such a row. Either way no repair that is under way brings it back. */
  delete(key: string): Promise<boolean> {
    return changeRowsOf(this.#database, this.#user, async (transaction) => {
      await transaction
        .insertInto('deleted_connections')
        .values({ user_id: this.#user, connection_key: key })
        .onConflict((conflict) =>
          conflict
            .columns(['user_id', 'connection_key'])
            .doUpdateSet({ deleted_at: sql<Date>`now()` }),
        )
        .execute();
      const deleted = await transaction
        .deleteFrom('user_connections')
        .where('user_id', '=', this.#user)
        .where('connection_key', '=', key)
        .returning('id')
        .executeTakeFirst();
      return deleted !== undefined;
    });
  }
}

function tellable({ missing_since, ...row }: UserConnection): TellableConnection {
  return missing_since ? { ...row, missing_since } : row;
}
