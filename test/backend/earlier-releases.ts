import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../demo/app/backend/database/schema.js';

type Statements = (
  database: Kysely<Schema>,
  user: string,
  key: string,
) => Promise<{ rows: { connection_key?: string }[] }>;

/** The SQL statements of an earlier release, copied from its source. */
export interface EarlierRelease {
  /** Its last migration. */
  migration: string;
  save: Statements;
  list: Statements;
  delete: Statements;
  /** What it stores about a repair. The first release had no repairs. */
  repair?: Statements;
}

const list: Statements = (database, user) =>
  sql<{ connection_key: string }>`
    select * from "user_connections" where "user_id" = ${user}
    order by "created_at" desc, "id"`.execute(database);

const recordDeletion: Statements = (database, user, key) =>
  sql<object>`
    insert into "deleted_connections" ("user_id", "connection_key") values (${user}, ${key})
    on conflict ("user_id", "connection_key") do update set "deleted_at" = now()`.execute(database);

const deleteRow: Statements = (database, user, key) =>
  sql<object>`
    delete from "user_connections" where "user_id" = ${user} and "connection_key" = ${key}
    returning "id"`.execute(database);

const lockOwner: Statements = (database, user) =>
  sql<object>`
    insert into "repairs" ("user_id") values (${user})
    on conflict ("user_id") do update set "user_id" = ${user}`.execute(database);

const repair: Statements = async (database, user) => {
  await sql`
    insert into "repairs" ("user_id", "claimed_until") values (${user}, now() + interval '1 minute')
    on conflict ("user_id") do update set "claimed_until" = now() + interval '1 minute'
    where (repairs.claimed_until is null or repairs.claimed_until < now())
      and (repairs.tried_at is null or repairs.tried_at <= now() - interval '1 second' * 0)
    returning now() as "began_at"`.execute(database);
  await sql`
    with "due" as (
      select "user_id" from "repairs" where "due_at" <= now()
        and (repairs.claimed_until is null or repairs.claimed_until < now())
      order by "due_at" limit 1 for update skip locked)
    update "repairs" set "claimed_until" = now() + interval '1 minute' from "due"
    where "repairs"."user_id" = "due"."user_id"
    returning "repairs"."user_id", now() as "began_at"`.execute(database);
  return sql<object>`
    update "repairs" set "claimed_until" = null, "tried_at" = now(), "failures" = 0, "due_at" = null
    where "user_id" = ${user}`.execute(database);
};

export const earlierReleases: Record<string, EarlierRelease> = {
  'before repairs': {
    migration: '001-user-connections',
    save: (database, user, key) =>
      sql<{ connection_key: string }>`
        insert into "user_connections"
          ("id", "user_id", "platform", "connection_key", "environment", "state", "name")
        values (${crypto.randomUUID()}, ${user}, 'gmail', ${key}, 'test', 'operational', null)
        on conflict ("connection_key") do update set
          "platform" = "excluded"."platform", "environment" = "excluded"."environment",
          "state" = "excluded"."state",
          "name" = coalesce("excluded"."name", "user_connections"."name"), "updated_at" = now()
        where "user_connections"."user_id" = ${user}
        returning *`.execute(database),
    list,
    delete: deleteRow,
  },
  'before confirmation': {
    migration: '002-repairs',
    save: (database, user, key) =>
      sql<{ connection_key: string }>`
        insert into "user_connections"
          ("id", "user_id", "platform", "connection_key", "environment", "state", "name")
        values (${crypto.randomUUID()}, ${user}, 'gmail', ${key}, 'test', 'operational', null)
        on conflict ("connection_key") do update set
          "platform" = "excluded"."platform", "environment" = "excluded"."environment",
          "state" = "excluded"."state",
          "name" = coalesce("excluded"."name", "user_connections"."name"),
          "updated_at" = now(), "missing_since" = null
        where "user_connections"."user_id" = ${user}
        returning *`.execute(database),
    list,
    async delete(database, user, key) {
      await lockOwner(database, user, key);
      await recordDeletion(database, user, key);
      return deleteRow(database, user, key);
    },
    repair,
  },
  'before deletions in two steps': {
    migration: '003-confirmation',
    async save(database, user, key) {
      await lockOwner(database, user, key);
      const id = crypto.randomUUID();
      await sql`
        insert into "unconfirmed_connections"
          ("id", "user_id", "connection_key", "platform", "environment", "name")
        values (${id}, ${user}, ${key}, 'gmail', 'test', null)
        on conflict ("user_id", "connection_key") do update set
          "name" = coalesce("excluded"."name", "unconfirmed_connections"."name")
        returning *`.execute(database);
      await sql`
        delete from "unconfirmed_connections"
        where "user_id" = ${user} and "connection_key" in (${key}) returning *`.execute(database);
      await sql`
        delete from "user_connections"
        where "user_id" != ${user} and "connection_key" in (${key})`.execute(database);
      return sql<{ connection_key: string }>`
        insert into "user_connections"
          ("id", "user_id", "connection_key", "platform", "environment", "state", "name", "confirmed_at")
        values (${id}, ${user}, ${key}, 'gmail', 'test', 'operational', null, now())
        on conflict ("user_id", "connection_key") do update set
          "platform" = "excluded"."platform", "environment" = "excluded"."environment",
          "state" = "excluded"."state",
          "name" = coalesce("user_connections"."name", "excluded"."name"),
          "updated_at" = now(), "missing_since" = null, "confirmed_at" = now()
        returning *`.execute(database);
    },
    list: (database, user) =>
      sql<{ connection_key: string }>`
        select * from "user_connections" where "user_id" = ${user} and "confirmed_at" is not null
        order by "created_at" desc, "id"`.execute(database),
    async delete(database, user, key) {
      await lockOwner(database, user, key);
      const deleted = await deleteRow(database, user, key);
      await sql`
        delete from "unconfirmed_connections"
        where "user_id" = ${user} and "connection_key" = ${key} returning "id"`.execute(database);
      await recordDeletion(database, user, key);
      return deleted;
    },
    repair,
  },
};
