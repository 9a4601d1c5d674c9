import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { ownerId, type Owner } from '../owner.js';
import type { VaultConnection } from '../pica/vault.js';
import { upsertConfirmed } from './upsert-confirmed.js';
import { everyKey } from './deletions.js';
import { neverLookedUp, type Schema, type UserConnection } from './schema.js';
import { toPublicConnection, unconfirmed, type PublicConnection } from './public-connection.js';
import { transact, type Database } from './transaction.js';
import { changeRowsOf } from './user-lock.js';

export interface NewConnection {
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  name?: string | undefined;
}

export interface Saved {
  row: PublicConnection;
  isNew: boolean;
  /** Whether a connection with this key is being deleted. */
  isBeingDeleted: boolean;
}

/** Nobody makes this many connections in ten minutes. */
const maxClaims = 20;

/** The rows of one owner. Every statement names the owner, so that it can't reach anybody else's rows. */
export class UserConnections {
  readonly #database: Database;
  readonly #owner: string;
  readonly #signal: AbortSignal | undefined;

  /** @param signal cancels running statements, see {@link transact} */
  constructor(database: Database, owner: Owner, signal?: AbortSignal) {
    this.#database = database;
    this.#owner = ownerId(owner);
    this.#signal = signal;
  }

  /** Newest first. */
  async list(): Promise<PublicConnection[]> {
    const { confirmed, claims } = await this.#transact(async (transaction) => ({
      confirmed: await this.#confirmed(transaction)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .execute(),
      claims: await transaction
        .selectFrom('unconfirmed_connections')
        .selectAll()
        .where('user_id', '=', this.#owner)
        .execute(),
    }));
    if (claims.length === 0) return confirmed.map(toPublicConnection);
    const keys = new Set(confirmed.map((row) => row.connection_key));
    // A claim may have been confirmed between the two queries.
    const others = claims.filter((claim) => !keys.has(claim.connection_key));
    return [...confirmed.map(toPublicConnection), ...others.map(unconfirmed)].sort(
      (a, b) => b.created_at.getTime() - a.created_at.getTime(),
    );
  }

  /** Finds a connection, but neither a claim nor a row that nobody has looked up yet. */
  find(key: string): Promise<UserConnection | undefined> {
    return this.#transact((transaction) =>
      this.#confirmed(transaction)
        .where('connection_key', '=', key)
        .where((is) =>
          is.or([
            is('confirmed_at', '>', neverLookedUp),
            is('missing_since', 'is not', null),
            is('deleting_since', 'is not', null),
          ]),
        )
        .executeTakeFirst(),
    );
  }

  /** Whether the owner has this key, but the vault has never confirmed it. */
  async isUnconfirmed(key: string): Promise<boolean> {
    const rows = await this.#transact((transaction) =>
      transaction
        .selectFrom('user_connections')
        .select('id')
        .where('user_id', '=', this.#owner)
        .where('connection_key', '=', key)
        .where('confirmed_at', '=', neverLookedUp)
        .union(
          transaction
            .selectFrom('unconfirmed_connections')
            .select('id')
            .where('user_id', '=', this.#owner)
            .where('connection_key', '=', key),
        )
        .execute(),
    );
    return rows.length > 0;
  }

  /**
   * Updates the row if it is confirmed. Leaves out missing ones, which have to be looked up again, and those that are
   * being deleted, because the save may be of a new connection.
   */
  async update(connection: NewConnection): Promise<PublicConnection | undefined> {
    const { connection_key, state, name } = connection;
    const row = await this.#transact((transaction) =>
      transaction
        .updateTable('user_connections')
        .set({
          state,
          // Without a name, keep the stored one. All other columns come from the vault.
          ...(name !== undefined && { name }),
          updated_at: sql<Date>`now()`,
        })
        .where('user_id', '=', this.#owner)
        .where('connection_key', '=', connection_key)
        .where('confirmed_at', '>', neverLookedUp)
        .where('missing_since', 'is', null)
        .where('deleting_since', 'is', null)
        .returningAll()
        .executeTakeFirst(),
    );
    return row && toPublicConnection(row);
  }

  /**
   * Stores a connection before Pica is asked about it. Two requests may send the same one at the same moment, from the
   * outbox or from two tabs.
   *
   * @returns undefined if the owner already has {@link maxClaims} for other keys
   */
  claim(connection: NewConnection): Promise<Saved | undefined> {
    return this.#change(async (transaction) => {
      const claims = await transaction
        .selectFrom('unconfirmed_connections')
        .select('connection_key')
        .where('user_id', '=', this.#owner)
        .execute();
      const isKnown = claims.some((claim) => claim.connection_key === connection.connection_key);
      if (claims.length >= maxClaims && !isKnown) return undefined;
      return this.#claim(transaction, connection);
    });
  }

  async #claim(
    transaction: Transaction<Schema>,
    { connection_key, platform, environment, name }: NewConnection,
  ): Promise<Saved> {
    const id = randomUUID();
    const row = await transaction
      .insertInto('unconfirmed_connections')
      .values({
        ...{ id, user_id: this.#owner, connection_key, platform, environment },
        name: name ?? null,
      })
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'connection_key']).doUpdateSet((expression) => ({
          name: expression.fn.coalesce('excluded.name', 'unconfirmed_connections.name'),
        })),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
    // The owner had deleted everything and is back.
    await transaction
      .deleteFrom('deleted_connections')
      .where('user_id', '=', this.#owner)
      .where('connection_key', '=', everyKey)
      .execute();
    const deleting = await transaction
      .selectFrom('user_connections')
      .select('id')
      .where('user_id', '=', this.#owner)
      .where('connection_key', '=', connection_key)
      .where('deleting_since', 'is not', null)
      .execute();
    const isBeingDeleted = deleting.length > 0;
    return { row: unconfirmed(row), isNew: row.id === id, isBeingDeleted };
  }

  /** Call it when Pica has the connection for this owner. The claim becomes a row, unless it was deleted meanwhile. */
  confirm(connection: VaultConnection): Promise<PublicConnection | undefined> {
    return this.#change(async (transaction) => {
      const isThere = await this.#has(transaction, connection.key);
      const { rows } = await upsertConfirmed(transaction, this.#owner, isThere ? [connection] : []);
      return rows[0] && toPublicConnection(rows[0]);
    });
  }

  async #has(transaction: Transaction<Schema>, key: string): Promise<boolean> {
    for (const table of ['unconfirmed_connections', 'user_connections'] as const) {
      const row = await transaction
        .selectFrom(table)
        .select('id')
        .where('user_id', '=', this.#owner)
        .where('connection_key', '=', key)
        .executeTakeFirst();
      if (row) return true;
    }
    return false;
  }

  #transact<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return transact(this.#database, work, this.#signal);
  }

  #change<Result>(change: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result> {
    return changeRowsOf(this.#database, this.#owner, change, this.#signal);
  }

  #confirmed(transaction: Transaction<Schema>) {
    return transaction
      .selectFrom('user_connections')
      .selectAll()
      .where('user_id', '=', this.#owner)
      .where('confirmed_at', 'is not', null);
  }
}
