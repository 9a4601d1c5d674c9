import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** In the order of their names. Never edit a released one: add another instead. */
export const migrations: Record<string, Migration> = {
  '001-user-connections': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('user_connections')
        .addColumn('id', 'uuid', (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
        // No foreign key: users live wherever the host keeps them.
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('platform', 'text', (column) => column.notNull())
        .addColumn('connection_key', 'text', (column) => column.notNull().unique())
        .addColumn('environment', 'text', (column) => column.notNull().defaultTo('live'))
        .addColumn('state', 'text', (column) => column.notNull().defaultTo('operational'))
        .addColumn('name', 'text')
        .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .execute();
      await database.schema
        .createIndex('user_connections_of_user')
        .on('user_connections')
        .columns(['user_id', 'created_at'])
        .execute();
    },
    async down(database: Kysely<unknown>) {
      await database.schema.dropTable('user_connections').execute();
    },
  },
  '002-repairs': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .alterTable('user_connections')
        .addColumn('missing_since', 'timestamptz')
        .execute();
      await database.schema
        .createTable('repairs')
        .addColumn('user_id', 'text', (column) => column.primaryKey())
        .addColumn('due_at', 'timestamptz')
        .addColumn('claimed_until', 'timestamptz')
        .addColumn('tried_at', 'timestamptz')
        .addColumn('failures', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await database.schema
        .createIndex('repairs_by_due_at')
        .on('repairs')
        .column('due_at')
        .execute();
      await database.schema
        .createTable('deleted_connections')
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('connection_key', 'text', (column) => column.notNull())
        .addColumn('deleted_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addPrimaryKeyConstraint('deleted_connections_key', ['user_id', 'connection_key'])
        .execute();
      // Spread over a day, so that an upgrade causes no rush.
      await sql`
        insert into repairs (user_id, due_at)
        select user_id, now() + random() * interval '1 day'
        from (select distinct user_id from user_connections) as users`.execute(database);
    },
    async down(database: Kysely<unknown>) {
      await database.schema.dropTable('deleted_connections').execute();
      await database.schema.dropTable('repairs').execute();
      await database.schema.alterTable('user_connections').dropColumn('missing_since').execute();
    },
  },
  /*
   * Only adds, because old processes run at the same time. Their saves use `ON CONFLICT (connection_key)`, which needs
   * the unique constraint of 001. So that constraint stays, and claims, where several owners may have the same key, get
   * a table of their own. A later release, when no old processes are left, drops `user_connections_connection_key_key`,
   * makes `confirmed_at` NOT NULL, and may merge the two tables.
   */
  '003-confirmation': {
    async up(database: Kysely<unknown>) {
      // A default rewrites no rows. Existing rows stay listed, and are looked up before their first use.
      await database.schema
        .alterTable('user_connections')
        .addColumn('confirmed_at', 'timestamptz', (column) =>
          column.defaultTo(sql`'epoch'::timestamptz`),
        )
        .execute();
      // No default for new rows: old processes don't set the column, and their rows must count as unconfirmed.
      await database.schema
        .alterTable('user_connections')
        .alterColumn('confirmed_at', (column) => column.dropDefault())
        .execute();
      await database.schema
        .createIndex('user_connections_by_owner_and_key')
        .on('user_connections')
        .columns(['user_id', 'connection_key'])
        .unique()
        .execute();
      await database.schema
        .createTable('unconfirmed_connections')
        .addColumn('id', 'uuid', (column) => column.notNull())
        .addColumn('user_id', 'text', (column) => column.notNull())
        .addColumn('platform', 'text', (column) => column.notNull())
        .addColumn('connection_key', 'text', (column) => column.notNull())
        .addColumn('environment', 'text', (column) => column.notNull())
        .addColumn('name', 'text')
        .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addColumn('unlisted_since', 'timestamptz')
        .addPrimaryKeyConstraint('unconfirmed_connections_key', ['user_id', 'connection_key'])
        .execute();
      // Unconfirmed at once: rows whose key names another environment. They would never be compared with it.
      await sql`
        update user_connections set confirmed_at = null
        where connection_key ~ '^(live|test)::' and connection_key not like environment || '::%'`.execute(
        database,
      );
      // Compare all existing users with Pica's vault, spread over six hours, so that it causes no rush.
      await sql`
        insert into repairs (user_id, due_at)
        select user_id, now() + random() * interval '6 hours'
        from (select distinct user_id from user_connections) as users
        on conflict (user_id) do update set due_at = least(repairs.due_at, excluded.due_at)`.execute(
        database,
      );
    },
    async down(database: Kysely<unknown>) {
      await database.schema.dropTable('unconfirmed_connections').execute();
      await database.schema.dropIndex('user_connections_by_owner_and_key').execute();
      await database.schema.alterTable('user_connections').dropColumn('confirmed_at').execute();
    },
  },
  '004-deletions': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .alterTable('user_connections')
        .addColumn('deleting_since', 'timestamptz')
        .execute();
      await database.schema
        .createIndex('deleted_connections_by_deleted_at')
        .on('deleted_connections')
        .column('deleted_at')
        .execute();
      await database.schema
        .createTable('readiness_checks')
        .addColumn('process_id', 'uuid', (column) => column.primaryKey())
        .addColumn('checked_at', 'timestamptz', (column) => column.notNull())
        .execute();
    },
    async down(database: Kysely<unknown>) {
      await database.schema.dropTable('readiness_checks').execute();
      await database.schema.dropIndex('deleted_connections_by_deleted_at').execute();
      await database.schema.alterTable('user_connections').dropColumn('deleting_since').execute();
    },
  },
};
