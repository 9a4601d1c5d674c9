import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { BackendOptions } from '../../demo/app/backend/server.js';
import { startSandbox, type Sandbox } from '../../demo/sandbox/server.js';
import type { VaultRow } from '../../demo/sandbox/vault.js';
import { ask as askSandbox, post } from '../sandbox/requests.js';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { credentialSecret } from './credentials.js';
import { ask, authkitOrigin } from './test-backend.js';
import { administrate, adminUrl, createTestDatabase, type TestDatabase } from './test-database.js';

const endpoint = '/api/connections';
const user = 'ada';

interface Row {
  connection_key: string;
  state: string;
  missing_since?: string;
}

suite(
  'several processes on one PostgreSQL',
  { skip: !adminUrl && 'one process alone can open the embedded database' },
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

    async function start(more: Partial<BackendOptions> = {}): Promise<BackendProcess> {
      const backend = await startBackendProcess({
        database: database.location,
        picaSecret: 'sk_test_sandbox',
        picaApi: sandbox.origin,
        authkitOrigin,
        credentialSecrets: [credentialSecret],
        repairPauseSeconds: 0,
        ...more,
      });
      processes.push(backend);
      return backend;
    }

    /** Connections in the vault, each named after what is done with it. */
    const inVault = (group: string, count: number, more: object = {}) =>
      Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const key = `test::gmail::${group}::${index}|${user}`;
          const row = { platform: 'gmail', identity: user, key, ...more };
          return (await post<VaultRow>(sandbox, '/sandbox/vault', row)).body.key;
        }),
      );
    const outOfVault = async (keys: string[]) => {
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
    const look = async (backend: BackendProcess, id = 'any') => {
      const headers = { 'x-request-id': id };
      return (await ask(backend, 'GET', endpoint, { user, headers })).json.rows as Row[];
    };
    /** The rows after one more repair. */
    async function finalRows(backend: BackendProcess): Promise<Row[]> {
      await look(backend, 'final');
      await backend.logged(/"requestId":"final".*"msg":"repaired"/);
      return look(backend);
    }

    test('end 50 saves, deletions and repairs at once in exactly the right rows', async () => {
      const [first, second] = await Promise.all([start(), start()]);
      const saved = await inVault('saved', 25);
      const lost = await inVault('lost', 10);
      const deleted = await inVault('deleted', 15);
      const deletedUnstored = await inVault('deleted-unstored', 10);
      const worse = await inVault('worse', 5, { state: 'degraded' });
      const gone = await inVault('gone', 5);
      for (const key of [...deleted, ...worse, ...gone]) await save(first, key);
      await outOfVault(gone);
      await administrate(
        `update user_connections set created_at = now() - interval '11 minutes',
          updated_at = now() - interval '11 minutes', confirmed_at = now() - interval '11 minutes'`,
        database.location,
      );

      const both = [first, second];
      const statuses = await Promise.all([
        ...both.flatMap((it) => saved.map((key) => save(it, key))),
        ...both.flatMap((it) => [...deleted, ...deletedUnstored].map((key) => remove(it, key))),
        ...both.flatMap((it) => Array.from({ length: 25 }, () => look(it).then(() => 200))),
      ]);
      // An owner has one lookup at a time and twenty claims at most: the repair finds what was answered so.
      const expectedStatuses = [200, 201, 202, 204, 404, 429];
      const unexpected = statuses.filter((status) => !expectedStatuses.includes(status));
      assert.deepEqual(unexpected, []);

      for (const it of both) {
        it.terminate();
        await it.ended();
        assert.doesNotMatch(it.printed(), /"level":"error"|not repaired/);
      }
      const rows = await finalRows(await start());
      const seen = rows.map((row) => [
        row.connection_key,
        row.state,
        row.missing_since === undefined,
      ]);
      const expected = [
        ...[...saved, ...lost].map((key) => [key, 'operational', true]),
        ...worse.map((key) => [key, 'degraded', true]),
        ...gone.map((key) => [key, 'failed', false]),
      ];
      assert.deepEqual(seen.sort(), expected.sort());
    });

    test('are killed between the consent and the save, and a look at the list brings it back', async () => {
      const killed = await start();
      await ask(killed, 'POST', '/api/authkit/token', { user });
      const [key] = await inVault('consented', 1);
      await killed.kill();
      const rows = await finalRows(await start());
      assert.ok(rows.some((row) => row.connection_key === key));
    });

    test('are killed between the consent and the save, and it comes back though nobody looks', async () => {
      const killed = await start();
      await ask(killed, 'POST', '/api/authkit/token', { user });
      const [key] = await inVault('consented', 1);
      await killed.kill();
      // What was to be in five minutes.
      await administrate(
        "update repairs set due_at = due_at - interval '5 minutes'",
        database.location,
      );
      const restarted = await start();
      await restarted.logged(/"user":"ada".*"msg":"repaired"/);
      const rows = await look(restarted);
      assert.ok(rows.some((row) => row.connection_key === key));
    });
  },
);
