import { sql, type RawBuilder, type Transaction } from 'kysely';
import { ownerId, ownerOfId, type Owner } from '../owner.js';
import { everyKey } from './deletions.js';
import type { Schema } from './schema.js';
import { transact, type Database } from './transaction.js';

export interface Claim {
  owner: Owner;
  /** By the database's clock, before the vault was read. */
  beganAt: Date;
}

/** Longer than a repair may take. After this, another process may take over, in case this one has ended. */
const claim = sql<Date>`now() + interval '1 minute'`;

const isFree = sql<boolean>`(repairs.claimed_until is null or repairs.claimed_until < now())`;

/** Spreads repairs that were scheduled at the same moment. */
const jitter = sql`(0.75 + random() * 0.5)`;

/**
 * Says which user is repaired when, and by which process. Each user has one repair at a time. If a process is paused for
 * longer than its claim, two may overlap, which does no harm: both do the same.
 */
export class RepairSchedule {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Claims a user's repair, unless another process has it or it was done a moment ago.
   *
   * @param pauseSeconds between two repairs. It doubles with each failure, up to an hour.
   */
  async claim(owner: Owner, pauseSeconds: number): Promise<Claim | undefined> {
    const wait = sql`least(interval '1 second' * ${pauseSeconds} * power(2, least(repairs.failures, 12)), interval '1 hour')`;
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

  /** Claims the repair that has been due for longest, if there is one. */
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

  /** Call it when a user is about to connect something. If that isn't stored in five minutes, a repair adds it. */
  async expectConnection(owner: Owner, signal: AbortSignal): Promise<void> {
    await transact(
      this.#database,
      async (transaction) => {
        await this.#expect(transaction, owner, sql<Date>`now() + interval '5 minutes'`);
        // The user may have deleted everything, and is back.
        await transaction
          .deleteFrom('deleted_connections')
          .where('user_id', '=', ownerId(owner))
          .where('connection_key', '=', everyKey)
          .execute();
      },
      signal,
    );
  }

  /** Call it when a user has stored a connection that Pica hasn't confirmed. */
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
   * Records a success and schedules the next repair: in about a minute if a deletion is under way, in about two if there
   * are claims, in five after a deletion (the vault may still list the connection), and in about six hours if there are
   * connections.
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
          // Keep a time that was set while this repair ran, or that this repair is too early for.
          due_at: sql<Date>`least(case when due_at > now() then due_at end, ${next})`,
        })
        .where('user_id', '=', ownerId(owner))
        .execute(),
    );
  }

  /** Schedules another attempt: in half a minute at first, then after twice as long each time, up to an hour. */
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

  /** Call it when Pica asks for a pause. No process tries this user before the pause is over. */
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

  /** Releases a claim without having tried. */
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
