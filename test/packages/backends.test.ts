import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { testCredentials, testRequests } from './backend-attacks.js';
import { testFaults } from './backend-faults.js';
import {
  authkitOrigin,
  BackendUnderTest,
  confirmed,
  connectionOf,
  connectionsPath,
  credentialFor,
  tokenPath,
  unconfirmed,
} from './backend-under-test.js';
import { runDoctor } from './run-doctor.js';
import { keyOf } from './pica-stand-in.js';

/*
 * Runs a backend of demo/examples/backends, as its page in the docs says, with a stand-in for Pica. All backends have to
 * pass the same tests.
 */
const source = process.env.PACKAGES_SUBJECT ?? 'demo/examples/backends/hono';

describe(`the backend in ${basename(source)}`, () => {
  let backend: BackendUnderTest;

  before(async () => {
    backend = await BackendUnderTest.from(source);
    await backend.start();
  });
  after(() => backend.remove());

  describe('as a token endpoint', () => {
    it("allows requests of AuthKit's page", async () => {
      const { status, headers } = await backend.request(tokenPath, {
        method: 'OPTIONS',
        headers: {
          origin: authkitOrigin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
      assert.ok(status >= 200 && status < 300, `status ${status}`);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      assert.match(headers.get('access-control-allow-methods') ?? '', /POST/);
      const allowed = headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
      assert.deepEqual(allowed.split(/, */).sort(), ['authorization', 'content-type']);
    });

    it('passes the doctor', async () => {
      const credential = backend.credential('token', 'ada');
      const output = await runDoctor(backend.origin + tokenPath, credential, authkitOrigin);
      assert.match(output, /No problems found\./);
    });

    it('returns all integrations in the form that AuthKit needs', async () => {
      const { status, headers, text } = await backend.requestToken(
        backend.credential('token', 'ada'),
      );
      assert.equal(status, 200);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      const token = JSON.parse(text) as {
        rows: { title: string }[];
        total: number;
        requestId: unknown;
      };
      assert.ok(token.total > 200);
      assert.equal(new Set(token.rows.map(({ title }) => title)).size, token.total);
      assert.ok(token.rows.some(({ title }) => title === 'Gmail'));
      assert.equal(typeof token.requestId, 'number');
    });

    it('rejects methods other than POST', async () => {
      assert.equal((await backend.request(tokenPath, { user: 'ada' })).status, 405);
    });
  });

  describe('as a store of connections', () => {
    const key = keyOf('ada');

    it('is empty at first', async () => {
      assert.deepEqual(await backend.rowsOf('ada'), []);
    });

    it('stores a connection once even if it is sent twice', async () => {
      const gmail = backend.connect('ada');
      assert.equal((await backend.store('ada', gmail)).status, 201);
      const again = await backend.store('ada', { ...gmail, state: 'degraded' });
      assert.equal(again.status, 200);
      assert.deepEqual(await backend.rowsOf('ada'), [{ ...confirmed(key), state: 'degraded' }]);
    });

    it('loses none of several connections that are stored at the same time', async () => {
      const keys = Array.from({ length: 8 }, (_, index) => `${keyOf('carol')}${String(index)}`);
      const responses = await Promise.all(
        keys.map((ownKey) => backend.store('carol', backend.connect('carol', ownKey))),
      );
      // A connection that arrives during the lookup of another gets no lookup of its own.
      for (const { status } of responses)
        assert.ok([201, 202].includes(status), `status ${status}`);
      assert.ok(responses.some(({ status }) => status === 201));
      const stored = await backend.rowsOf('carol');
      assert.deepEqual(stored.map(({ connection_key }) => connection_key).sort(), keys.sort());
      assert.ok(stored.every(({ confirmed }) => confirmed));
    });

    it('keeps connections across a restart', async () => {
      await backend.start();
      assert.equal((await backend.rowsOf('ada')).length, 1);
    });

    it('returns times in UTC, whatever the server’s time zone is', async () => {
      // This zone is 14 hours ahead of UTC all year.
      await backend.start({ TZ: 'Pacific/Kiritimati' });
      const begin = Date.now() - 1000;
      assert.equal((await backend.store('timed', backend.connect('timed'))).status, 201);
      const { text } = await backend.request(connectionsPath, { user: 'timed' });
      const [{ created_at = '' } = {}] = JSON.parse(text) as { created_at?: string }[];
      assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      assert.ok(
        Date.parse(created_at) >= begin && Date.parse(created_at) <= Date.now(),
        created_at,
      );
      await backend.start();
    });

    it('deletes a connection', async () => {
      assert.equal((await backend.delete('ada', key)).status, 204);
      assert.deepEqual(await backend.rowsOf('ada'), []);
      assert.equal((await backend.delete('ada', key)).status, 404);
    });
  });

  describe('under malicious requests', () => {
    testCredentials(() => backend);
    testRequests(() => backend);

    it('creates no credential for an unknown purpose', () => {
      const purpose = 'tokens' as 'token';
      assert.throws(() => credentialFor(purpose, 'ada', 'secret'));
      assert.throws(() => credentialFor('token.connections' as 'token', 'ada', 'secret'));
    });
  });

  testFaults(() => backend);

  describe('while Pica is unreachable', () => {
    // No server listens on this port.
    const unreachable = { PICA_API: 'http://127.0.0.1:9' };
    const keys = { late: keyOf('late'), wrong: keyOf('wrong'), again: keyOf('again') };
    /** A connection of the live environment, which the vault doesn't show for the test environment's secret key. */
    const live = { ...connectionOf('live::gmail::1'), environment: 'live' };
    const unconfirmedLive = { ...live, state: 'unknown', confirmed: false };
    const readRows = async () => [
      ...(await backend.rowsOf('late')),
      ...(await backend.rowsOf('wrong')),
      ...(await backend.rowsOf('live')),
    ];
    const restartAnHourLater = async (settings?: Record<string, string>) => {
      await backend.stop();
      await backend.ageRows();
      await backend.start(settings);
    };

    it('returns no token', async () => {
      await backend.start(unreachable);
      const { status, headers } = await backend.requestToken(backend.credential('token', 'late'));
      assert.equal(status, 502);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
    });

    it('stores new connections as unconfirmed', async () => {
      await Promise.all([
        backend.claimWithoutOwnership('late', keys.late),
        backend.claimWithoutOwnership('wrong', keys.wrong),
        backend.claimWithoutOwnership('again', keys.again),
        backend.store('live', live),
      ]);
    });

    it('removes no unconfirmed connection, even after an hour', async () => {
      await restartAnHourLater(unreachable);
      assert.deepEqual(await readRows(), [
        unconfirmed(keys.late),
        unconfirmed(keys.wrong),
        unconfirmedLive,
      ]);
    });

    it('confirms connections when Pica is back, and removes none after one response', async () => {
      backend.connect('late');
      await backend.start();
      const expected = [confirmed(keys.late), unconfirmed(keys.wrong), unconfirmedLive];
      assert.deepEqual(await readRows(), expected);
      assert.deepEqual(await readRows(), expected);
      assert.deepEqual(await backend.rowsOf('again'), [unconfirmed(keys.again)]);
    });

    it('removes no connection after a response with too many pages', async () => {
      backend.pica.faults.set('wrong', 'too-many-pages');
      await restartAnHourLater();
      assert.deepEqual(await backend.rowsOf('wrong'), [unconfirmed(keys.wrong)]);
      backend.pica.faults.delete('wrong');
    });

    it('removes connections that are missing in two responses of Pica, ten minutes apart', async () => {
      assert.deepEqual(await readRows(), [confirmed(keys.late), unconfirmedLive]);
    });

    it('keeps a connection for ten more minutes if it is sent again', async () => {
      await backend.claimWithoutOwnership('again', keys.again);
    });
  });

  it('migrates the store of an earlier version, and keeps what is the user’s at Pica', async () => {
    const earlierRow = (key: string) => ({
      ...connectionOf(key),
      user: 'earl',
      created_at: '2026-01-02T03:04:05Z',
    });
    await backend.stop();
    await backend.storeEarlierRows([earlierRow(keyOf('earl')), earlierRow(keyOf('somebody'))]);
    backend.connect('earl');
    await backend.start();
    const areConfirmed = (await backend.rowsOf('earl')).map(({ confirmed }) => confirmed);
    assert.deepEqual(areConfirmed.sort(), [false, true]);
    await backend.stop();
    await backend.ageRows();
    await backend.start();
    assert.deepEqual(await backend.rowsOf('earl'), [confirmed(keyOf('earl'))]);
    assert.equal((await backend.delete('earl', keyOf('earl'))).status, 204);
    await backend.start();
    assert.deepEqual(await backend.rowsOf('earl'), []);
  });

  if (basename(source) === 'php') {
    it('refuses a database in the document root, where the web server would publish it', async () => {
      for (const file of ['public/connections.sqlite', 'public/../public/a.sqlite', '']) {
        await backend.start({ DATABASE_FILE: file && join(backend.folder, file) });
        const { status, text } = await backend.request(connectionsPath, { user: 'ada' });
        assert.equal(status, 500);
        assert.match(text, /DATABASE_FILE/);
      }
      assert.deepEqual(await readdir(join(backend.folder, 'public')), ['index.php']);
    });
  }

  if (['express', 'hono', 'next'].includes(basename(source))) {
    // Node 20 and 22 may never finish reading a compressed response that is canceled. The user would get no more lookups.
    it('asks Pica for uncompressed responses', async () => {
      const earlierRequests = backend.pica.vaultRequests.length;
      await backend.store('plain', backend.connect('plain'));
      const requests = backend.pica.vaultRequests.slice(earlierRequests);
      assert.ok(requests.length > 0);
      for (const { headers } of requests) assert.equal(headers.get('accept-encoding'), 'identity');
    });
  }

  it('never prints or sends a secret', () => {
    backend.assertNoSecretLeaked();
  });
});
