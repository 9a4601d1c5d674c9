import { sql, type ColumnType, type Generated, type Selectable } from 'kysely';

type GeneratedTimestamp = ColumnType<Date, Date | undefined, Date>;

/** A connection that Pica has as this owner's. The credentials stay at Pica; `connection_key` refers to them. */
export interface UserConnectionsTable {
  id: Generated<string>;
  /** Whose it is, as `ownerId()` writes it; in all tables. */
  user_id: string;
  platform: string;
  connection_key: string;
  environment: Generated<string>;
  state: Generated<string>;
  name: string | null;
  created_at: GeneratedTimestamp;
  updated_at: GeneratedTimestamp;
  /** Since when Pica has not listed it any more, as far as that is known. */
  missing_since: Date | null;
  /**
   * When it was last confirmed by the owner's vault. 1970 ({@link neverLookedUp}) where the release before had stored it: it
   * is listed, and looked up before it is used. Null where a process of that release has stored it since, which looks
   * nothing up: for this one, such a row is not there until a repair has found it.
   */
  confirmed_at: Date | null;
  /** Since when the owner has wanted it deleted. Set before Pica is asked to delete it. */
  deleting_since: Date | null;
}

/**
 * What somebody says is theirs, and Pica has not been seen to hold. It is listed and is of no use: what uses
 * connections does not know this table. Any number of owners may claim one key.
 */
export interface UnconfirmedConnectionsTable {
  id: string;
  user_id: string;
  platform: string;
  connection_key: string;
  environment: string;
  name: string | null;
  created_at: GeneratedTimestamp;
  /** Since when Pica has answered that it does not have it. */
  unlisted_since: Date | null;
}

/** When a user's connections are compared with Pica's vault. Also what is locked to change several of their rows. */
export interface RepairsTable {
  user_id: string;
  /** When the scheduled job is to do it, if it is. */
  due_at: Date | null;
  /** Whoever does it has it until then, also if that process is gone. */
  claimed_until: Date | null;
  /** The last time, whatever came of it. */
  tried_at: Date | null;
  /** How often in a row it has failed. */
  failures: Generated<number>;
}

/** What a user has deleted: a repair that read the vault before that must not bring it back. */
export interface DeletedConnectionsTable {
  user_id: string;
  connection_key: string;
  deleted_at: GeneratedTimestamp;
}

/** A row for each process, which it writes to learn whether it can. */
export interface ReadinessChecksTable {
  process_id: string;
  checked_at: Date;
}

/** As migration 003 has it: nobody has looked into the vault yet. */
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
