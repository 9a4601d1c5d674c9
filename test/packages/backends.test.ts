import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { attackCredentials, attackRequests } from './backend-attacks.js';
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
import { examine } from './doctor.js';
import { claimKeys, floodWithClaims } from './backend-ownership.js';
import { failPica } from './failing-pica.js';
import { failStore } from './failing-store.js';
import { keyOf } from './pica-stand-in.js';

/*
 * A backend of demo/examples/backends, run as its page says, against a stand-in for Pica. All of them have to pass the same
 * checks.
 */
const source = process.env.PACKAGES_SUBJECT ?? 'demo/examples/backends/hono';

describe(`the backend in ${basename(source)}`, () => {
  let backend: BackendUnderTest;

  before(async () => {
    backend = await BackendUnderTest.from(source);
    await backend.start();
  });
  after(() => backend.remove());

  describe('as token endpoint', () => {
    it("lets AuthKit's page ask", async () => {
      const { status, headers } = await backend.ask(tokenPath, {
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
      const found = await examine(backend.origin + tokenPath, credential, authkitOrigin);
      assert.match(found, /No problems found\./);
    });

    it('answers with every integration, in a form that AuthKit opens with', async () => {
      const { status, headers, text } = await backend.askForToken(
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

    it('refuses another method than POST', async () => {
      assert.equal((await backend.ask(tokenPath, { as: 'ada' })).status, 405);
    });
  });

  describe('as store of connections', () => {
    const key = keyOf('ada');

    it('has none at first', async () => {
      assert.deepEqual(await backend.rowsOf('ada'), []);
    });

    it('stores one, once, however often it is sent', async () => {
      const gmail = backend.connect('ada');
      assert.equal((await backend.store('ada', gmail)).status, 201);
      const again = await backend.store('ada', { ...gmail, state: 'degraded' });
      assert.equal(again.status, 200);
      assert.deepEqual(await backend.rowsOf('ada'), [{ ...confirmed(key), state: 'degraded' }]);
    });

    it('loses none of many that are stored at once', async () => {
      const keys = Array.from({ length: 8 }, (_, index) => `${keyOf('carol')}${String(index)}`);
      const answers = await Promise.all(
        keys.map((own) => backend.store('carol', backend.connect('carol', own))),
      );
      // What comes while another is looked for is not waited for.
      for (const { status } of answers) assert.ok([201, 202].includes(status), `status ${status}`);
      assert.ok(answers.some(({ status }) => status === 201));
      const stored = await backend.rowsOf('carol');
      assert.deepEqual(stored.map(({ connection_key }) => connection_key).sort(), keys.sort());
      assert.ok(stored.every(({ confirmed }) => confirmed));
    });

    it('still has it after a restart', async () => {
      await backend.start();
      assert.equal((await backend.rowsOf('ada')).length, 1);
    });

    it('says when it was stored, in UTC, wherever the server stands', async () => {
      // At 14 hours from UTC, and without a summer time.
      await backend.start({ TZ: 'Pacific/Kiritimati' });
      const begin = Date.now() - 1000;
      assert.equal((await backend.store('timed', backend.connect('timed'))).status, 201);
      const { text } = await backend.ask(connectionsPath, { as: 'timed' });
      const [{ created_at = '' } = {}] = JSON.parse(text) as { created_at?: string }[];
      assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      assert.ok(
        Date.parse(created_at) >= begin && Date.parse(created_at) <= Date.now(),
        created_at,
      );
      await backend.start();
    });

    it('deletes one', async () => {
      assert.equal((await backend.delete('ada', key)).status, 204);
      assert.deepEqual(await backend.rowsOf('ada'), []);
      assert.equal((await backend.delete('ada', key)).status, 404);
    });
  });

  describe('attacked by its requests', () => {
    attackCredentials(() => backend);
    attackRequests(() => backend);

    it('makes no credential for a purpose that there is not', () => {
      const purpose = 'tokens' as 'token';
      assert.throws(() => credentialFor(purpose, 'ada', 'secret'));
      assert.throws(() => credentialFor('token.connections' as 'token', 'ada', 'secret'));
    });
  });

  describe('while what it stores cannot be changed', () => {
    failStore(() => backend);
  });

  describe('attacked by floods', { concurrency: true }, () => {
    floodWithClaims(() => backend);
  });

  // Most of these take the ten seconds that a backend looks for a new connection, so they run side by side.
  describe('attacked by claims, and by a Pica that fails', { concurrency: true }, () => {
    claimKeys(() => backend);
    failPica(() => backend);
  });

  describe('while Pica cannot be reached', () => {
    // Nothing listens there.
    const unreachable = { PICA_API: 'http://127.0.0.1:9' };
    const theirs = { late: keyOf('late'), wrong: keyOf('wrong'), again: keyOf('again') };
    /** Stored with a secret key of the other environment, which the one for tests says nothing about. */
    const live = { ...connectionOf('live::gmail::1'), environment: 'live' };
    const unconfirmedLive = { ...live, state: 'unknown', confirmed: false };
    const rows = async () => [
      ...(await backend.rowsOf('late')),
      ...(await backend.rowsOf('wrong')),
      ...(await backend.rowsOf('live')),
    ];
    const later = async (settings?: Record<string, string>) => {
      await backend.stop();
      await backend.age();
      await backend.start(settings);
    };

    it('gives no token', async () => {
      await backend.start(unreachable);
      const { status, headers } = await backend.askForToken(backend.credential('token', 'late'));
      assert.equal(status, 502);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
    });

    it('keeps what users have connected as unconfirmed', async () => {
      await Promise.all([
        backend.claimInVain('late', theirs.late),
        backend.claimInVain('wrong', theirs.wrong),
        backend.claimInVain('again', theirs.again),
        backend.store('live', live),
      ]);
    });

    it('drops none of it, however long that lasts', async () => {
      await later(unreachable);
      assert.deepEqual(await rows(), [
        unconfirmed(theirs.late),
        unconfirmed(theirs.wrong),
        unconfirmedLive,
      ]);
    });

    it('confirms it when Pica is back, and drops nothing because of one answer', async () => {
      backend.connect('late');
      await backend.start();
      const expected = [confirmed(theirs.late), unconfirmed(theirs.wrong), unconfirmedLive];
      assert.deepEqual(await rows(), expected);
      assert.deepEqual(await rows(), expected);
      assert.deepEqual(await backend.rowsOf('again'), [unconfirmed(theirs.again)]);
    });

    it('drops nothing because of an answer that does not end', async () => {
      backend.pica.faults.set('wrong', 'endless');
      await later();
      assert.deepEqual(await backend.rowsOf('wrong'), [unconfirmed(theirs.wrong)]);
      backend.pica.faults.delete('wrong');
    });

    it('drops what Pica does not have in two answers, ten minutes apart', async () => {
      assert.deepEqual(await rows(), [confirmed(theirs.late), unconfirmedLive]);
    });

    it('gives the vault ten more minutes for what is sent again', async () => {
      await backend.claimInVain('again', theirs.again);
    });
  });

  it('takes over what an earlier version stored, as far as it is the user’s at Pica', async () => {
    const earlier = (key: string) => ({
      ...connectionOf(key),
      user: 'earl',
      created_at: '2026-01-02T03:04:05Z',
    });
    await backend.stop();
    await backend.storeEarlier([earlier(keyOf('earl')), earlier(keyOf('somebody'))]);
    backend.connect('earl');
    await backend.start();
    const both = (await backend.rowsOf('earl')).map(({ confirmed }) => confirmed);
    assert.deepEqual(both.sort(), [false, true]);
    await backend.stop();
    await backend.age();
    await backend.start();
    assert.deepEqual(await backend.rowsOf('earl'), [confirmed(keyOf('earl'))]);
    assert.equal((await backend.delete('earl', keyOf('earl'))).status, 204);
    await backend.start();
    assert.deepEqual(await backend.rowsOf('earl'), []);
  });

  if (basename(source) === 'php') {
    it('refuses a database in the document root, which the web server would hand out', async () => {
      for (const file of ['public/connections.sqlite', 'public/../public/a.sqlite', '']) {
        await backend.start({ DATABASE_FILE: file && join(backend.folder, file) });
        const { status, text } = await backend.ask(connectionsPath, { as: 'ada' });
        assert.equal(status, 500);
        assert.match(text, /DATABASE_FILE/);
      }
      assert.deepEqual(await readdir(join(backend.folder, 'public')), ['index.php']);
    });
  }

  it('has printed and answered neither secret', () => {
    backend.assertNoSecretSaid();
  });
});
