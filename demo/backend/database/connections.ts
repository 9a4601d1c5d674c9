import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema, UserConnection } from './schema.js';

export interface NewConnection {
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  name?: string | undefined;
}

export type Saved =
  { outcome: 'created' | 'updated'; row: UserConnection } | { outcome: 'belongs-to-another-user' };

/** The rows of one user. Every statement names the user, so that none can reach anybody else's. */
export class UserConnections {
  readonly #database: Kysely<Schema>;
  readonly #user: string;

  constructor(database: Kysely<Schema>, user: string) {
    this.#database = database;
    this.#user = user;
  }

  /** Newest first. */
  list(): Promise<UserConnection[]> {
    return this.#database
      .selectFrom('user_connections')
      .selectAll()
      .where('user_id', '=', this.#user)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .execute();
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
            updated_at: expression.fn<Date>('now'),
          }))
          // Without this a key could be taken over from its owner by whoever knows it.
          .where('user_connections.user_id', '=', this.#user),
      )
      .returningAll()
      .executeTakeFirst();
    if (!row) return { outcome: 'belongs-to-another-user' };
    return { outcome: row.id === id ? 'created' : 'updated', row };
  }

  /** Whether there was such a row. */
  async delete(key: string): Promise<boolean> {
    const deleted = await this.#database
      .deleteFrom('user_connections')
      .where('user_id', '=', this.#user)
      .where('connection_key', '=', key)
      .returning('id')
      .executeTakeFirst();
    return deleted !== undefined;
  }
}
