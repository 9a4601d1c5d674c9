import { sql, type ColumnType, type Generated, type Selectable } from 'kysely';

type GeneratedTimestamp = ColumnType<Date, Date | undefined, Date>;

/** Connections that Pica has confirmed for this owner. The credentials stay at Pica; `connection_key` refers to them. */
export interface UserConnectionsTable {
  id: Generated<string>;
  /** The owner, as `ownerId()` formats it. Applies to all tables. */
  user_id: string;
  platform: string;
  connection_key: string;
  environment: Generated<string>;
  state: Generated<string>;
  name: string | null;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
  /** When a repair first noticed that Pica no longer lists it. */
  missing_since: Date | null;
  /**
   * When the owner's vault last confirmed it.
   *
   * 1970 ({@link neverLookedUp}) for rows that the previous release had stored before migration 003: they are listed,
   * and looked up before their first use. Null for rows that a process of that release has stored since, without
   * looking them up: this release ignores them until a repair turns them into claims.
   */
  confirmed_at: Date | null;
  /** Since when the owner has wanted it deleted. Set before Pica is asked to delete it. */
  deleting_since: Date | null;
}

/**
 * Claims: connections that a user has saved and Pica hasn't confirmed. They are listed, but nothing uses them. Several
 * owners may claim the same key.
 */
export interface UnconfirmedConnectionsTable {
  id: string;
  user_id: string;
  platform: string;
  connection_key: string;
  environment: string;
  name: string | null;
  created_at: GeneratedTimestamp;
  /** Since when Pica's answers have lacked it. */
  unlisted_since: Date | null;
}

/** When to compare a user's connections with Pica's vault. The row also serves as a lock, see `changeRowsOf()`. */
export interface RepairsTable {
  user_id: string;
  /** When the scheduled job should do it; null if nothing is scheduled. */
  due_at: Date | null;
  /** Until then, the process that has claimed it may work on it, even if that process has crashed. */
  claimed_until: Date | null;
  /** When the last attempt ended, successful or not. */
  tried_at: Date | null;
  /** How many times in a row it has failed. */
  failures: Generated<number>;
}

/** Keys that a user has deleted, so that a repair that has read the vault earlier doesn't bring them back. */
export interface DeletedConnectionsTable {
  user_id: string;
  connection_key: string;
  deleted_at: GeneratedTimestamp;
}

/** One row per process, which the process updates to check whether the database accepts writes. */
export interface ReadinessChecksTable {
  process_id: string;
  checked_at: Date;
}

/** The value that migration 003 gives existing rows. */
export const neverLookedUp = sql<Date>`'epoch'::timestamptz`;

export interface Schema {
  user_connections: UserConnectionsTable;
  unconfirmed_connections: UnconfirmedConnectionsTable;
  repairs: RepairsTable;
  deleted_connections: DeletedConnectionsTable;
  readiness_checks: ReadinessChecksTable;
}

export type UnconfirmedConnection = Selectable<UnconfirmedConnectionsTable>;
export type UserConnection = Selectable<UserConnectionsTable>;
