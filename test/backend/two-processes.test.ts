import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { BackendOptions } from '../../demo/app/backend/server.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { poll } from './hang-guard.js';
import { ask, authkitOrigin } from './test-backend.js';
import { administrate, adminUrl, createTestDatabase, type TestDatabase } from './test-database.js';

const endpoint = '/api/connections';
const user = 'ada';

const unlimited = { connectTimeoutMs: 60_000, statementTimeoutMs: 60_000, lockTimeoutMs: 60_000 };

interface Row {
  connection_key: string;
  state: string;
  missing_since?: string;
}

suite(
  'several processes on one PostgreSQL',
  { skip: !adminUrl && 'only one process can open the embedded database' },
  () => {
    let sandbox: Sandbox;
    let database: TestDatabase;
    let processes: BackendProcess[] = [];

    before(async () => {
      sandbox = await startSandbox();
    });
    beforeEach(async () => {
      database = await createTestDatabase();
    });
    afterEach(async () => {
      await Promise.all(processes.map((process) => process.kill()));
      await ask(sandbox, 'DELETE', '/sandbox/vault');
      processes = [];
      await database.drop();
    });
    after(() => sandbox.close());

    async function start(changes: Partial<BackendOptions> = {}): Promise<BackendProcess> {
      const backend = await startBackendProcess({
        database: database.location,
        picaSecret: 'sk_test_sandbox',
        picaApi: sandbox.origin,
        authkitOrigin,
        credentialSecrets: [credentialSecret],
        repairPauseSeconds: 0,
        // Other tests are about these limits. Here, many requests of one owner wait for each other.
        ...{ databaseLimits: unlimited, requestTimeoutMs: 60_000 },
        ...changes,
      });
      processes.push(backend);
      return backend;
    }

    /** Adds connections to the vault. The group in each key says what the test does with the connection. */
    const addToVault = (group: string, count: number, changes: object = {}) =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const key = `test::gmail::${group}::${index}|${user}`;
          const row = { platform: 'gmail', identity: user, key, ...changes };
          return (await post<VaultRow>(sandbox, '/sandbox/vault', row)).body.key;
        }),
      );
    const removeFromVault = async (keys: string[]) => {
      const { body } = await askSandbox<{ rows: VaultRow[] }>(sandbox, '/sandbox/vault');
      for (const { id, key } of body.rows) {
        if (!keys.includes(key)) continue;
        await askSandbox(sandbox, `/v1/vault/connections/${id}`, { method: 'DELETE' });
      }
    };
    const save = async (backend: BackendProcess, key: string) => {
      const body = { platform: 'gmail', connection_key: key, environment: 'test' };
      return (await ask(backend, 'POST', endpoint, { user, body })).status;
    };
    const remove = async (backend: BackendProcess, key: string) =>
      (await ask(backend, 'DELETE', `${endpoint}/${encodeURIComponent(key)}`, { user })).status;
    const list = async (backend: BackendProcess, id = 'any') => {
      const headers = { 'x-request-id': id };
      return (await ask(backend, 'GET', endpoint, { user, headers })).json.rows as Row[];
    };
    /**
     * The rows after one more repair. Lists until a list starts it: while the scheduled job repairs the same user, lists
     * start none.
     */
    async function finalRows(backend: BackendProcess): Promise<Row[]> {
      const listAndReadLog = async () => {
        await list(backend, 'final');
        return backend.printed();
      };
      const repaired = /"requestId":"final".*"msg":"repaired"/;
      await poll('a repair after a list', listAndReadLog, (log) => repaired.test(log));
      return list(backend);
    }

    test('store exactly the right rows after 50 saves, 50 deletions and 50 listings at once', async () => {
      const [first, second] = await Promise.all([start(), start()]);
      const saved = await addToVault('saved', 25);
      const lost = await addToVault('lost', 10);
      const deleted = await addToVault('deleted', 15);
      const deletedUnstored = await addToVault('deleted-unstored', 10);
      const degraded = await addToVault('degraded', 5, { state: 'degraded' });
      const removed = await addToVault('removed', 5);
      for (const key of [...deleted, ...degraded, ...removed]) await save(first, key);
      await removeFromVault(removed);
      await administrate(
        `update user_connections set created_at = now() - interval '11 minutes',
          updated_at = now() - interval '11 minutes', confirmed_at = now() - interval '11 minutes'`,
        database.location,
      );

      const both = [first, second];
      const statuses = await Promise.all([
        ...both.flatMap((backend) => saved.map((key) => save(backend, key))),
        ...both.flatMap((backend) =>
          [...deleted, ...deletedUnstored].map((key) => remove(backend, key)),
        ),
        ...both.flatMap((backend) =>
          Array.from({ length: 25 }, () => list(backend).then(() => 200)),
        ),
      ]);
      // An owner has one look-up at a time and at most twenty claims. A repair finds the connections that got 202 or 429.
      const expectedStatuses = [200, 201, 202, 204, 404, 429];
      const unexpected = statuses.filter((status) => !expectedStatuses.includes(status));
      assert.deepEqual(unexpected, []);

      for (const backend of both) {
        backend.terminate();
        await backend.ended();
        assert.doesNotMatch(backend.printed(), /"level":"error"|not repaired/);
      }
      // As on a busy machine, where the repairs that the saves have scheduled are due by now.
      await administrate('update repairs set due_at = now()', database.location);
      const rows = await finalRows(await start());
      const actual = rows.map((row) => [
        row.connection_key,
        row.state,
        row.missing_since === undefined,
      ]);
      const expected = [
        ...[...saved, ...lost].map((key) => [key, 'operational', true]),
        ...degraded.map((key) => [key, 'degraded', true]),
        ...removed.map((key) => [key, 'failed', false]),
      ];
      assert.deepEqual(actual.sort(), expected.sort());
    });

    test('find a connection whose save was lost in a kill as soon as its user lists connections', async () => {
      const killed = await start();
      await ask(killed, 'POST', '/api/authkit/token', { user });
      const [key] = await addToVault('consented', 1);
      await killed.kill();
      const rows = await finalRows(await start());
      assert.ok(rows.some((row) => row.connection_key === key));
    });

    test('find a connection whose save was lost in a kill even if its user lists nothing', async () => {
      const killed = await start();
      await ask(killed, 'POST', '/api/authkit/token', { user });
      const [key] = await addToVault('consented', 1);
      await killed.kill();
      // The token scheduled a repair in five minutes. Make it due now.
      await administrate(
        "update repairs set due_at = due_at - interval '5 minutes'",
        database.location,
      );
      const restarted = await start();
      await restarted.logged(/"user":"ada".*"msg":"repaired"/);
      const rows = await list(restarted);
      assert.ok(rows.some((row) => row.connection_key === key));
    });
  },
);
