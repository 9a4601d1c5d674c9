import { sql, type RawBuilder, type Transaction } from 'kysely';
import { ownerId, ownerOfId, type Owner } from '../owner.js';
import { everything } from './deletions.js';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';

export interface Claim {
  owner: Owner;
  /** By the database's clock, and before anything of the vault was read. */
  beganAt: Date;
}

/** Longer than a repair may take. A process that is gone keeps nobody's connections from being repaired for longer. */
const claim = sql<Date>`now() + interval '1 minute'`;

const isFree = sql<boolean>`(repairs.claimed_until is null or repairs.claimed_until < now())`;

/** Spreads what fell on one moment. */
const jitter = sql`(0.75 + random() * 0.5)`;

/**
 * Who is repaired when, and by which process: one at a time for each user. Nothing breaks where two overlap all the
 * same, after a process was stopped for longer than its claim; it is then done twice.
 */
export class RepairSchedule {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Takes a user's repair, unless somebody has it, or it was done a moment ago.
   *
   * @param pause seconds between two; after failures twice as long each time, up to an hour
   */
  async claim(owner: Owner, pause: number): Promise<Claim | undefined> {
    const wait = sql`least(interval '1 second' * ${pause} * power(2, least(repairs.failures, 12)), interval '1 hour')`;
    const claimed = await transact(this.#database, (transaction) =>
      transaction
        .insertInto('repairs')
        .values({ user_id: ownerId(owner), claimed_until: claim })
        .onConflict((conflict) =>
          conflict
            .column('user_id')
            .doUpdateSet({ claimed_until: claim })
            .where(isFree)
            .where(sql<boolean>`(repairs.tried_at is null or repairs.tried_at <= now() - ${wait})`),
        )
        .returning(sql<Date>`now()`.as('began_at'))
        .executeTakeFirst(),
    );
    return claimed && { owner, beganAt: claimed.began_at };
  }

  /** Takes the repair that has been due for longest, if one is. */
  async claimDue(): Promise<Claim | undefined> {
    const claimed = await transact(this.#database, (transaction) =>
      transaction
        .with('due', (database) =>
          database
            .selectFrom('repairs')
            .select('user_id')
            .where('due_at', '<=', sql<Date>`now()`)
            .where(isFree)
            .orderBy('due_at')
            .limit(1)
            .forUpdate()
            .skipLocked(),
        )
        .updateTable('repairs')
        .from('due')
        .set({ claimed_until: claim })
        .whereRef('repairs.user_id', '=', 'due.user_id')
        .returning(['repairs.user_id', sql<Date>`now()`.as('began_at')])
        .executeTakeFirst(),
    );
    return claimed && { owner: ownerOfId(claimed.user_id), beganAt: claimed.began_at };
  }

  /** Somebody is about to connect something: in a while it should be stored, and if it is not, it is added. */
  async expectConnection(owner: Owner, signal: AbortSignal): Promise<void> {
    await transact(
      this.#database,
      async (transaction) => {
        await this.#expect(transaction, owner, sql<Date>`now() + interval '5 minutes'`);
        // Somebody who had everything deleted is back.
        await transaction
          .deleteFrom('deleted_connections')
          .where('user_id', '=', ownerId(owner))
          .where('connection_key', '=', everything)
          .execute();
      },
      signal,
    );
  }

  /** Somebody has stored what Pica did not have, or could not be asked about. */
  async expectConfirmation(owner: Owner): Promise<void> {
    await transact(this.#database, (transaction) =>
      this.#expect(transaction, owner, sql<Date>`now() + interval '30 seconds'`),
    );
  }

  async #expect(transaction: Transaction<Schema>, owner: Owner, soon: RawBuilder<Date>) {
    await transaction
      .insertInto('repairs')
      .values({ user_id: ownerId(owner), due_at: soon })
      .onConflict((conflict) =>
        conflict
          .column('user_id')
          .doUpdateSet({ due_at: sql<Date>`least(repairs.due_at, ${soon})` }),
      )
      .execute();
  }

  /**
   * It is done. The scheduled job comes back in a minute to deletions under way, in two minutes to claims, in five to
   * what was just deleted, which the vault may still list, and in about six hours to connections.
   */
  async succeeded(owner: Owner): Promise<void> {
    const next = sql<Date>`
      case
        when exists (
          select 1 from user_connections as marked
          where marked.user_id = repairs.user_id and marked.deleting_since is not null)
          then now() + interval '1 minute' * ${jitter}
        when exists (select 1 from unconfirmed_connections as claims where claims.user_id = repairs.user_id)
          then now() + interval '2 minutes' * ${jitter}
        when exists (
          select 1 from deleted_connections as deleted
          where deleted.user_id = repairs.user_id and deleted.deleted_at > now() - interval '4 minutes')
          then now() + interval '5 minutes'
        when exists (select 1 from user_connections where user_connections.user_id = repairs.user_id)
          then now() + interval '6 hours' * ${jitter} end`;
    await transact(this.#database, (transaction) =>
      transaction
        .updateTable('repairs')
        .set({
          claimed_until: null,
          tried_at: sql<Date>`now()`,
          failures: 0,
          // What became due later than now was asked for while this one ran, or before it could know.
          due_at: sql<Date>`least(case when due_at > now() then due_at end, ${next})`,
        })
        .where('user_id', '=', ownerId(owner))
        .execute(),
    );
  }

  /** It could not be done: again in half a minute, then twice as late each time, up to an hour. */
  async failed(owner: Owner): Promise<void> {
    await transact(this.#database, (transaction) =>
      transaction
        .updateTable('repairs')
        .set({
          claimed_until: null,
          tried_at: sql<Date>`now()`,
          failures: sql<number>`failures + 1`,
          due_at: sql<Date>`
            now() + least(interval '30 seconds' * power(2, least(failures, 12)), interval '1 hour') * ${jitter}`,
        })
        .where('user_id', '=', ownerId(owner))
        .execute(),
    );
  }

  /** Pica has asked to be left alone for so long: nobody else tries it before. */
  async postpone(owner: Owner, seconds: number): Promise<void> {
    const until = sql<Date>`now() + interval '1 second' * ${seconds}`;
    await transact(this.#database, (transaction) =>
      transaction
        .updateTable('repairs')
        .set({ claimed_until: until, due_at: until })
        .where('user_id', '=', ownerId(owner))
        .execute(),
    );
  }

  /** It was not tried. */
  async release(owner: Owner): Promise<void> {
    await transact(this.#database, (transaction) =>
      transaction
        .updateTable('repairs')
        .set({ claimed_until: null })
        .where('user_id', '=', ownerId(owner))
        .execute(),
    );
  }
}
