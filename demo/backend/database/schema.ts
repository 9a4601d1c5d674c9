import type { ColumnType, Generated, Selectable } from 'kysely';

type GeneratedTimestamp = ColumnType<Date, Date | undefined, Date>;

/** A connection that a user has made. The credentials stay at Pica; `connection_key` refers to them. */
export interface UserConnectionsTable {
  id: Generated<string>;
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

export interface Schema {
  user_connections: UserConnectionsTable;
  repairs: RepairsTable;
  deleted_connections: DeletedConnectionsTable;
}

export type UserConnection = Selectable<UserConnectionsTable>;
