import { sql, type RawBuilder } from 'kysely';
import { ownerId, ownerOfId, type Owner } from '../owner.js';
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
  expectConnection(owner: Owner): Promise<void> {
    return this.#expect(owner, sql<Date>`now() + interval '5 minutes'`);
  }

  /** Somebody has stored what Pica did not have, or could not be asked about. */
  expectConfirmation(owner: Owner): Promise<void> {
    return this.#expect(owner, sql<Date>`now() + interval '30 seconds'`);
  }

  /** Somebody has deleted something, which a vault that lags behind may list only later. */
  expectDeletion(owner: Owner): Promise<void> {
    return this.#expect(owner, sql<Date>`now() + interval '5 minutes'`);
  }

  async #expect(owner: Owner, soon: RawBuilder<Date>): Promise<void> {
    await transact(this.#database, (transaction) =>
      transaction
        .insertInto('repairs')
        .values({ user_id: ownerId(owner), due_at: soon })
        .onConflict((conflict) =>
          conflict
            .column('user_id')
            .doUpdateSet({ due_at: sql<Date>`least(repairs.due_at, ${soon})` }),
        )
        .execute(),
    );
  }

  /** It is done. The scheduled job comes back in two minutes to claims, in about six hours to connections. */
  async succeeded(owner: Owner): Promise<void> {
    const next = sql<Date>`
      case
        when exists (select 1 from unconfirmed_connections as claims where claims.user_id = repairs.user_id)
          then now() + interval '2 minutes' * ${jitter}
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
