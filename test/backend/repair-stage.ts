import { sql, type Kysely } from 'kysely';
import type { Hono } from 'hono';
import { createApp } from '../../demo/backend/app.js';
import { openDatabase, type OpenDatabase } from '../../demo/backend/database/open.js';
import type { Schema } from '../../demo/backend/database/schema.js';
import { createLog } from '../../demo/backend/log.js';
import { Repairs } from '../../demo/backend/repairs.js';
import { secret } from './pica-stand-in.js';
import { authkitOrigin } from './test-backend.js';
import { createTestDatabase } from './test-database.js';

export interface StoredRow {
  id: string;
  platform: string;
  connection_key: string;
  environment: string;
  state: string;
  name: string | null;
  created_at: string;
  missing_since?: string;
}

const log = createLog('silent', secret);

/** A database for the stages of one file: opening one takes seconds. */
export type StageDatabase = Pick<OpenDatabase, 'database' | 'close'>;

export async function openStageDatabase(): Promise<StageDatabase> {
  const { location, drop } = await createTestDatabase();
  const opened = await openDatabase(location, log);
  return { database: opened.database, close: () => opened.close().then(drop) };
}

/** A backend whose clockwork a test can reach: its database, and when its repairs have ended. */
export class RepairStage {
  readonly #app: Hono;
  readonly #opened: StageDatabase;

  private constructor(
    readonly repairs: Repairs,
    /** The repairs of another process on the same database. */
    readonly twin: () => Repairs,
    app: Hono,
    opened: StageDatabase,
  ) {
    this.#app = app;
    this.#opened = opened;
  }

  /** @param pause seconds between two repairs of a user */
  static set(opened: StageDatabase, api: string, pause = 0, key = secret): RepairStage {
    const { database } = opened;
    const pica = { api, secret: key };
    const twin = () => new Repairs({ database, pica, log, pause });
    const repairs = twin();
    const app = createApp({
      ...{ database, pica, repairs, log, authkitOrigin },
      closing: new AbortController().signal,
      cookieSecret: 'cookies-of-the-tests',
      staticFolders: {},
      pageConfig: {},
    });
    return new RepairStage(repairs, twin, app, opened);
  }

  get database(): Kysely<Schema> {
    return this.#opened.database;
  }

  async ask(method: string, user: string, key?: string, body?: object): Promise<Response> {
    const path = key === undefined ? '' : `/${encodeURIComponent(key)}`;
    return this.#app.request(`/api/connections${path}`, {
      method,
      headers: { 'x-user-id': user, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  save(user: string, key: string, more: object = {}): Promise<Response> {
    const body = { platform: 'gmail', connection_key: key, environment: 'test', ...more };
    return this.ask('POST', user, undefined, body);
  }

  /** What the user sees now. */
  async rows(user: string): Promise<StoredRow[]> {
    const response = await this.ask('GET', user);
    return ((await response.json()) as { rows: StoredRow[] }).rows;
  }

  /** What the user sees after they have looked before. */
  async repaired(user: string): Promise<StoredRow[]> {
    await this.rows(user);
    await this.repairs.settled();
    const rows = await this.rows(user);
    await this.repairs.settled();
    return rows;
  }

  /** Makes all rows older than Pica could still be catching up with. */
  async age(): Promise<void> {
    await this.database
      .updateTable('user_connections')
      .set({ updated_at: sql<Date>`now() - interval '11 minutes'` })
      .execute();
  }

  async strike(): Promise<void> {
    await this.repairs.close(AbortSignal.timeout(5000));
    for (const table of ['user_connections', 'repairs', 'deleted_connections'] as const) {
      await this.database.deleteFrom(table).execute();
    }
  }
}
