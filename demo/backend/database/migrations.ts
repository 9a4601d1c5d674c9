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
};

/** Brings the tables up to date. Several processes may do it at once: Kysely takes a lock in the database. */
export async function migrate<Tables>(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error)
    throw error instanceof Error ? error : new Error('The migration failed', { cause: error });
}
