import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** In the order of their names. One that has been released is never edited: add another instead. */
export const migrations: Record<string, Migration> = {
  '001-user-connections': {
    async up(database: Kysely<unknown>) {
      await database.schema
        .createTable('user_connections')
        .addColumn('id', 'uuid', (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
        // No foreign key: whatever identifies users at the host is text, and lives where the host keeps users.
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
      // Over a day, so that an upgrade is no stampede.
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
   * Expands only: processes of the release before go on beside this one's. Their saves say `ON CONFLICT
   * (connection_key)`, which takes the unique constraint of 001, so it stays, and what several owners may claim at
   * once has a table of its own. A later release, beside which none of those run any more, contracts: it drops
   * `user_connections_connection_key_key`, makes `confirmed_at` NOT NULL, and may put the two tables together.
   */
  '003-confirmation': {
    async up(database: Kysely<unknown>) {
      // By a default, which rewrites no row: what is stored stays listed, and is looked up before its first use.
      await database.schema
        .alterTable('user_connections')
        .addColumn('confirmed_at', 'timestamptz', (column) =>
          column.defaultTo(sql`'epoch'::timestamptz`),
        )
        .execute();
      // And by none from now on: processes of the release before do not name the column.
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
      // But for what is not of the environment that it was said to be of, with which it would never be compared.
      await sql`
        update user_connections set confirmed_at = null
        where connection_key ~ '^(live|test)::' and connection_key not like environment || '::%'`.execute(
        database,
      );
      // Whoever was believed so far is compared with Pica's vault; over six hours, so that it is no stampede.
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
