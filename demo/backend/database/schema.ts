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
}

export interface Schema {
  user_connections: UserConnectionsTable;
}

export type UserConnection = Selectable<UserConnectionsTable>;
