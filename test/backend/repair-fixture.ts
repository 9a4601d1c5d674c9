import { after, before } from 'node:test';
import { sql, type Kysely } from 'kysely';
import type { Hono } from 'hono';
import { createApp } from '../../demo/app/backend/app.js';
import { openDatabase, type OpenDatabase } from '../../demo/app/backend/database/open.js';
import type { Schema } from '../../demo/app/backend/database/schema.js';
import { createLog } from '../../demo/app/backend/log.js';
import { Repairs } from '../../demo/app/backend/repairs.js';
import type { Ownership } from '../../demo/app/backend/owner.js';
import { OwnOrigins } from '../../demo/app/http/own-origins.js';
import { credentialSecret, headersOf } from './credentials.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { authkitOrigin } from './test-backend.js';
import { createTestDatabase } from './test-database.js';

export interface StoredRow {
  id: string;
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  confirmed?: boolean;
  name: string | null;
  created_at: string;
  missing_since?: string;
}

const log = createLog('silent', [secret]);

/** A database that the fixtures of a test file share, because opening one takes seconds. */
export type FixtureDatabase = Pick<OpenDatabase, 'database' | 'close'>;

export async function openFixtureDatabase(): Promise<FixtureDatabase> {
  const { location, drop } = await createTestDatabase();
  const opened = await openDatabase(location, log);
  return { database: opened.database, close: () => opened.close().then(drop) };
}

/**
 * Opens one database before all tests of a file, and closes it after them.
 *
 * @returns a function that returns it during a test
 */
export function shareFixtureDatabase(): () => FixtureDatabase {
  let opened: FixtureDatabase;
  before(async () => {
    opened = await openFixtureDatabase();
  });
  after(() => opened.close());
  return () => opened;
}

/** A backend without an HTTP server. Tests can reach its database and wait for its repairs. */
export class RepairFixture {
  readonly #app: Hono;
  readonly #opened: FixtureDatabase;
  #pica: PicaStandIn | undefined;

  private constructor(
    readonly repairs: Repairs,
    /** The repairs of another process on the same database. */
    readonly createOtherRepairs: () => Repairs,
    app: Hono,
    opened: FixtureDatabase,
  ) {
    this.#app = app;
    this.#opened = opened;
  }

  /** @param pauseSeconds between two repairs of a user */
  static create(
    opened: FixtureDatabase,
    api: string,
    pauseSeconds = 0,
    key = secret,
    ownership?: Ownership,
  ): RepairFixture {
    const { database } = opened;
    const pica = { api, secrets: [key] as const };
    const createOtherRepairs = () => new Repairs({ database, pica, log, pauseSeconds });
    const repairs = createOtherRepairs();
    const app = createApp({
      ...{ database, monitoring: database, pica, repairs, log, authkitOrigin },
      ...{ draining: new AbortController().signal, closing: new AbortController().signal },
      origins: new OwnOrigins(),
      cookieSecrets: ['cookies-of-the-tests'],
      credentialSecrets: [credentialSecret],
      trustsPlainIds: false,
      // One look-up, without waiting for Pica to list the connection.
      confirmTimeoutMs: 0,
      requestTimeoutMs: 15_000,
      ownership,
      staticFolders: {},
      pageConfig: {},
    });
    return new RepairFixture(repairs, createOtherRepairs, app, opened);
  }

  /** Also starts a stand-in for Pica, which `dispose()` closes. */
  static async createWithPica(
    opened: FixtureDatabase,
  ): Promise<{ pica: PicaStandIn; fixture: RepairFixture }> {
    const pica = await startPica();
    const fixture = RepairFixture.create(opened, pica.origin);
    fixture.#pica = pica;
    return { pica, fixture };
  }

  get database(): Kysely<Schema> {
    return this.#opened.database;
  }

  ask(method: string, user: string, key?: string, body?: object): Promise<Response> {
    const path = key === undefined ? '' : `/${encodeURIComponent(key)}`;
    return this.#ask(method, `/api/connections${path}`, user, body);
  }

  /** Sends a test message over a connection. */
  sendTestMessage(user: string, key: string): Promise<Response> {
    return this.#ask('POST', `/api/connections/${encodeURIComponent(key)}/test`, user, {});
  }

  /** Deletes everything of a user. */
  deleteUser(user: string): Promise<Response> {
    return this.#ask('DELETE', '/api/user', user);
  }

  async #ask(method: string, path: string, user: string, body?: object): Promise<Response> {
    const type = body && { 'content-type': 'application/json' };
    return this.#app.request(path, {
      method,
      headers: { host: 'localhost', ...headersOf(user), ...type },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** Saves a connection as a page does. */
  save(user: string, key: string, changes: object = {}): Promise<Response> {
    const body = { platform: 'gmail', connection_key: key, environment: 'test', ...changes };
    return this.ask('POST', user, undefined, body);
  }

  /** Inserts a confirmed row. */
  async insertRow(user: string, key: string, changes: object = {}): Promise<void> {
    const row = { platform: 'gmail', environment: 'test', name: null, ...changes };
    await this.database
      .insertInto('user_connections')
      .values({ user_id: user, connection_key: key, confirmed_at: sql<Date>`now()`, ...row })
      .execute();
  }

  /** The rows that the user sees now. */
  async rows(user: string): Promise<StoredRow[]> {
    const response = await this.ask('GET', user);
    return ((await response.json()) as { rows: StoredRow[] }).rows;
  }

  /** The rows that the user sees after a repair. */
  async rowsAfterRepair(user: string): Promise<StoredRow[]> {
    await this.rows(user);
    await this.repairs.settled();
    const rows = await this.rows(user);
    await this.repairs.settled();
    return rows;
  }

  /** Makes all rows older than the ten minutes in which Pica may still lag behind. */
  async ageRows(): Promise<void> {
    const elevenMinutesAgo = sql<Date>`now() - interval '11 minutes'`;
    await this.database
      .updateTable('unconfirmed_connections')
      .set({
        created_at: elevenMinutesAgo,
        unlisted_since: sql<Date>`unlisted_since - interval '11 minutes'`,
      })
      .execute();
    await this.database
      .updateTable('user_connections')
      .set({
        created_at: elevenMinutesAgo,
        updated_at: elevenMinutesAgo,
        confirmed_at: sql<Date>`confirmed_at - interval '11 minutes'`,
      })
      .execute();
  }

  /** Ends the repairs and empties all tables. */
  async dispose(): Promise<void> {
    await this.repairs.close(AbortSignal.timeout(5000));
    await this.#pica?.close();
    for (const table of [
      'user_connections',
      'unconfirmed_connections',
      'repairs',
      'deleted_connections',
    ] as const) {
      await this.database.deleteFrom(table).execute();
    }
  }
}
