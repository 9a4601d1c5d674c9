import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';

/** In the order of their names. One that has been released is never edited: add another instead. */
const migrations: Record<string, Migration> = {
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
};

const migratorOf = <Tables>(database: Kysely<Tables>) =>
  new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });

/** Brings the tables up to date. Several processes may do it at once: Kysely takes a lock in the database. */
export async function migrate<Tables>(database: Kysely<Tables>): Promise<void> {
  const { error } = await migratorOf(database).migrateToLatest();
  if (error)
    throw error instanceof Error ? error : new Error('The migration failed', { cause: error });
}

/** Whether the tables are up to date. Asks the database, so it throws where that cannot be reached. */
export async function isMigrated<Tables>(database: Kysely<Tables>): Promise<boolean> {
  const known = await migratorOf(database).getMigrations();
  return known.every(({ executedAt }) => executedAt !== undefined);
}
