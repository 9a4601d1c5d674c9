import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  WordPressSite,
  type Session,
  type Writer,
} from '../../demo/examples/cms/wordpress/site.js';
import { authkitOrigin, connectionOf } from './backend-under-test.js';
import { faults, keyOf, PicaStandIn, expectedErrors } from './pica-stand-in.js';
import {
  createEarlierTable,
  routes,
  table,
  type RequestOptions,
  type Row,
} from './wordpress-backend.js';

/*
 * Runs the plugin of demo/docs/backends/wordpress.md in a real WordPress, with a stand-in for Pica. WordPress identifies
 * users in its own way, so the tests of backends.test.ts can't be used.
 */
describe('the backend for WordPress', () => {
  let pica: PicaStandIn;
  let site: WordPressSite;
  const sessions = {} as Record<Writer, Session>;
  const ids = {} as Record<Writer, string>;
  /** All responses, which are searched for the secret key. */
  let responses = '';
  const running: { close(): Promise<void> }[] = [];

  before(async () => {
    running.push((pica = await PicaStandIn.start(`sk_test_${randomBytes(16).toString('hex')}`)));
    running.push((site = await WordPressSite.start()));
    // An earlier version of the plugin has left two connections. Only one of them is the admin's at Pica.
    ids.admin = await idOf('admin');
    ids.author = await idOf('author');
    await createEarlierTable(site, ids.admin);
    connect('admin', 'earlier');
    await site.addBackend({
      PICA_SECRET_KEY: pica.secret,
      PICA_API: pica.origin,
      PICA_AUTHKIT_ORIGIN: authkitOrigin,
    });
    for (const name of ['admin', 'author'] as const) sessions[name] = await site.signIn(name);
  });
  after(async () => {
    for (const part of running.reverse()) await part.close();
  });

  const idOf = (name: Writer) => site.evaluate(`echo get_user_by('login', '${name}')->ID;`);
  const count = (where: string) =>
    site.evaluate(`echo $wpdb->get_var("SELECT COUNT(*) FROM ${where}");`);

  /** Connects an account, as AuthKit would: adds it to Pica's vault. */
  const connect = (name: Writer, key: string) =>
    pica.vault.add({ platform: 'gmail', key, identity: ids[name], identityType: 'user' });

  async function request(
    route: string,
    { method = 'GET', headers = {}, body, key }: RequestOptions = {},
  ) {
    const path = key === undefined ? '' : encodeURIComponent(key);
    const response = await fetch(`${site.origin}/${path}?rest_route=${route}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    responses += `${[...response.headers].join('\n')}\n${text}\n`;
    // PHP and WordPress can print errors in front of the JSON.
    if (text !== '') assert.doesNotThrow(() => JSON.parse(text), text);
    return { status: response.status, headers: response.headers, text };
  }

  /** The headers that pages of the site send. */
  const headersFor = (name: Writer) => ({
    cookie: sessions[name].cookie,
    'x-wp-nonce': sessions[name].nonce,
  });
  const json = { 'content-type': 'application/json' };
  const send = (name: Writer, body: string) =>
    request(routes.connections, {
      method: 'POST',
      headers: { ...headersFor(name), ...json },
      body,
    });
  const store = (name: Writer, key: string) => send(name, JSON.stringify(connectionOf(key)));
  const remove = (name: Writer, key: string) =>
    request(routes.connections, { method: 'DELETE', headers: headersFor(name), key });

  async function rowsOf(name: Writer): Promise<Row[]> {
    const { status, text } = await request(routes.connections, { headers: headersFor(name) });
    assert.equal(status, 200, text);
    return JSON.parse(text) as Row[];
  }
  const summariesFor = async (name: Writer) =>
    (await rowsOf(name)).map(({ connection_key, state, confirmed }) =>
      [connection_key, state, confirmed ? 'confirmed' : 'unconfirmed'].join(' '),
    );

  async function credentialOf(name: Writer): Promise<string> {
    const { status, text } = await request(routes.credential, { headers: headersFor(name) });
    assert.equal(status, 200, text);
    return (JSON.parse(text) as { 'x-pica-user': string })['x-pica-user'];
  }
  const requestToken = (credential: string) =>
    request(routes.token, {
      method: 'POST',
      headers: { ...json, origin: authkitOrigin, 'x-pica-user': credential },
      body: '{}',
    });
  const sign = (payload: string) =>
    site.evaluate(`echo '${payload}.' . hash_hmac('sha256', '${payload}', wp_salt('auth'));`);
  /** Moves the time back at which unconfirmed rows were first missing at Pica, past the ten minutes they are kept. */
  const ageRows = () =>
    site.evaluate(
      `$wpdb->query("UPDATE ${table} SET unlisted_since = unlisted_since - INTERVAL 1 HOUR");`,
    );
  const secondsFromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  describe('with the table of an earlier version', () => {
    it('confirms the user’s connections with their times, and later removes all others', async () => {
      assert.deepEqual((await summariesFor('admin')).sort(), [
        'earlier operational confirmed',
        'taken unknown unconfirmed',
      ]);
      await ageRows();
      const rows = await rowsOf('admin');
      assert.deepEqual(
        rows.map(({ connection_key, state, confirmed, created_at }) => ({
          ...{ connection_key, state, confirmed, created_at },
        })),
        [
          {
            connection_key: 'earlier',
            state: 'operational',
            confirmed: true,
            created_at: '2026-01-02T03:04:05Z',
          },
        ],
      );
      assert.equal(
        await site.evaluate(`echo $wpdb->get_var("SHOW TABLES LIKE 'wp_pica_connections'");`),
        '',
      );
    });

    it('migrates it even if the plugin’s file was replaced while it was active', async () => {
      // Removes the table that the plugin created on activation.
      await site.evaluate(`$wpdb->query('DROP TABLE ${table}');`);
      await createEarlierTable(site, ids.admin);
      await site.evaluate(`delete_option('pica_connect_backend_schema');`);
      await rowsOf('admin');
      await ageRows();
      assert.deepEqual(await summariesFor('admin'), ['earlier operational confirmed']);
      // Version 2.0.0 had no such column.
      await site.evaluate(`$wpdb->query('ALTER TABLE ${table} DROP COLUMN unlisted_since');
        update_option('pica_connect_backend_schema', '2');`);
      assert.deepEqual(await summariesFor('admin'), ['earlier operational confirmed']);
      assert.equal((await remove('admin', 'earlier')).status, 204);
      assert.deepEqual(await rowsOf('admin'), []);
    });
  });

  describe('requested by somebody else', () => {
    const strangers: Record<string, () => Promise<Record<string, string>>> = {
      'a visitor who is not signed in': () => Promise.resolve({}),
      'another site with the user’s cookies': () =>
        Promise.resolve({ cookie: sessions.admin.cookie, origin: 'https://evil.example' }),
      'another site with a nonce of its own account': () =>
        Promise.resolve({ cookie: sessions.admin.cookie, 'x-wp-nonce': sessions.author.nonce }),
      'AuthKit’s page with the credential for tokens': async () => ({
        'x-pica-user': await credentialOf('admin'),
        authorization: `Bearer ${await credentialOf('admin')}`,
      }),
    };
    for (const [stranger, headersOf] of Object.entries(strangers)) {
      it(`lists, stores and deletes nothing, and returns no credential, for ${stranger}`, async () => {
        connect('admin', 'contested');
        const headers = await headersOf();
        const body = JSON.stringify(connectionOf('contested'));
        for (const options of [
          { route: routes.credential },
          { route: routes.connections },
          { route: routes.connections, method: 'POST', body },
          { route: routes.connections, method: 'DELETE', key: 'contested' },
        ]) {
          const { route, ...rest } = options;
          const { status } = await request(route, { ...rest, headers: { ...json, ...headers } });
          assert.ok([401, 403].includes(status), `${rest.method ?? 'GET'} ${route}: ${status}`);
        }
        assert.deepEqual(await rowsOf('admin'), []);
      });
    }

    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      it(`rejects a connection with the content type ${type}`, async () => {
        connect('admin', 'typed');
        const body = type.includes('form')
          ? new URLSearchParams(connectionOf('typed')).toString()
          : JSON.stringify(connectionOf('typed'));
        for (const route of [routes.connections, routes.connections.toUpperCase()]) {
          const headers = { ...headersFor('admin'), 'content-type': type };
          assert.equal((await request(route, { method: 'POST', headers, body })).status, 415);
        }
        assert.deepEqual(await rowsOf('admin'), []);
      });
    }
  });

  describe('as a token endpoint', () => {
    it('accepts the credential that it returns to the user’s page', async () => {
      const { status, headers, text } = await requestToken(await credentialOf('author'));
      assert.equal(status, 200, text);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      assert.equal(headers.get('access-control-allow-credentials'), null);
    });

    const forgeries: Record<string, () => Promise<string>> = {
      missing: () => Promise.resolve(''),
      'only a user’s id': () => Promise.resolve(ids.admin),
      expired: () => sign(`token.${ids.admin}.${secondsFromNow(-60)}`),
      'for another purpose': () => sign(`connections.${ids.admin}.${secondsFromNow(60)}`),
      'without a purpose': () => sign(`${ids.admin}.${secondsFromNow(60)}`),
      'for the user 0': () => sign(`token.0.${secondsFromNow(60)}`),
      'for a deleted user': () => sign(`token.4711.${secondsFromNow(60)}`),
      'changed to another user': async () =>
        (await credentialOf('author')).replace(/^token\.\d+/, `token.${ids.admin}`),
      'changed to a later expiry': async () =>
        (await credentialOf('author')).replace(
          /\d+(?=\.[0-9a-f]{64})/,
          String(secondsFromNow(9000)),
        ),
      'without a signature': async () => (await credentialOf('author')).slice(0, -64),
    };
    for (const [name, forge] of Object.entries(forgeries)) {
      it(`returns no token but CORS headers for an invalid credential (${name})`, async () => {
        const { status, headers } = await requestToken(await forge());
        assert.equal(status, 401);
        assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      });
    }
  });

  describe('with claims of ownership', () => {
    it('stores the user’s connection once, with its time in UTC', async () => {
      // This zone is 14 hours ahead of UTC. The database has another zone, too.
      await site.evaluate(`update_option('timezone_string', 'Pacific/Kiritimati');`);
      const key = keyOf('admin');
      connect('admin', key);
      const begin = Date.now() - 1000;
      assert.equal((await store('admin', key)).status, 201);
      assert.equal((await store('admin', key)).status, 200);
      const [row, ...others] = await rowsOf('admin');
      assert.deepEqual(others, []);
      assert.equal(row?.confirmed, true);
      assert.match(row.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.ok(Date.parse(row.created_at) >= begin && Date.parse(row.created_at) <= Date.now());
    });

    it('does not confirm a key that belongs to another user, and stores it for its owner', async () => {
      connect('admin', 'mine');
      pica.identitiesWithAllRows.add(ids.author);
      const { status, text } = await store('author', 'mine');
      assert.equal(status, 202, text);
      const { state, confirmed } = JSON.parse(text) as Row;
      assert.deepEqual({ state, confirmed }, { state: 'unknown', confirmed: false });
      assert.deepEqual(await summariesFor('author'), ['mine unknown unconfirmed']);
      assert.equal((await store('admin', 'mine')).status, 201);
      assert.ok((await summariesFor('admin')).includes('mine operational confirmed'));
      assert.deepEqual(await summariesFor('author'), ['mine unknown unconfirmed']);
      pica.identitiesWithAllRows.clear();
    });

    it('deletes only the user’s own row', async () => {
      assert.equal((await remove('author', keyOf('admin'))).status, 404);
      assert.equal((await remove('author', 'mine')).status, 204);
      assert.ok((await summariesFor('admin')).includes('mine operational confirmed'));
      assert.equal((await remove('admin', keyOf('admin'))).status, 204);
    });

    it('does not confirm a key that belongs to a team with the user’s id', async () => {
      pica.vault.add({
        platform: 'gmail',
        key: 'of a team',
        identity: ids.author,
        identityType: 'team',
      });
      pica.identitiesWithAllRows.add(ids.author);
      assert.equal((await store('author', 'of a team')).status, 202);
      assert.deepEqual(await summariesFor('author'), ['of a team unknown unconfirmed']);
      pica.identitiesWithAllRows.clear();
    });

    it('removes a connection that Pica lacks for ten minutes, unless Pica fails', async () => {
      const unconfirmedRows = ['of a team unknown unconfirmed'];
      await site.evaluate(
        `$wpdb->query("UPDATE ${table} SET unlisted_since = NULL, created_at = created_at - INTERVAL 1 HOUR");`,
      );
      assert.deepEqual(await summariesFor('author'), unconfirmedRows);
      await ageRows();
      pica.faults.set(ids.author, 'server-error');
      assert.deepEqual(await summariesFor('author'), unconfirmedRows);
      pica.faults.clear();
      assert.deepEqual(await rowsOf('author'), []);
      assert.deepEqual(await summariesFor('admin'), ['mine operational confirmed']);
    });

    // Pica doesn't return connections of the other environment for a secret key.
    it('removes no connection of the other environment', async () => {
      pica.faults.set(ids.author, 'server-error');
      const live = { ...connectionOf('live'), environment: 'live' };
      assert.equal((await send('author', JSON.stringify(live))).status, 202);
      pica.faults.clear();
      await rowsOf('author');
      await ageRows();
      assert.deepEqual(await summariesFor('author'), ['live unknown unconfirmed']);
      assert.equal((await remove('author', 'live')).status, 204);
    });

    it('takes platform and environment from Pica', async () => {
      connect('author', 'claimed');
      const claim = { ...connectionOf('claimed'), platform: 'slack', environment: 'live' };
      assert.equal((await send('author', JSON.stringify(claim))).status, 201);
      assert.equal((await send('author', JSON.stringify(claim))).status, 200);
      const [row] = await rowsOf('author');
      assert.equal(row?.platform, 'gmail');
      assert.equal(row.environment, 'test');
      assert.equal((await remove('author', 'claimed')).status, 204);
    });

    it('stores and deletes a connection that is on the last of 24 pages of the vault', async () => {
      connect('author', 'oldest');
      for (let newer = 0; newer < 2300; newer++) connect('author', `newer ${newer}`);
      const requestsBefore = pica.vaultRequests.length;
      assert.equal((await store('author', 'newer 2299')).status, 201);
      assert.equal(pica.vaultRequests.length - requestsBefore, 1);
      assert.equal((await store('author', 'oldest')).status, 201);
      assert.equal(pica.vaultRequests.length - requestsBefore, 25);
      assert.equal((await remove('author', 'unknown')).status, 404);
      assert.equal((await remove('author', 'oldest')).status, 204);
      assert.equal((await remove('author', 'newer 2299')).status, 204);
      for (const { id } of pica.vault.list({ identity: ids.author })) pica.vault.remove(id);
    });

    it('rejects a body of more than 16 KiB', async () => {
      const body = JSON.stringify(connectionOf('large')).padEnd(16_385);
      assert.equal((await send('author', body)).status, 413);
      assert.deepEqual(await rowsOf('author'), []);
    });
  });

  describe('with concurrent requests', () => {
    // The test's web server handles one request at a time, so these tests use other processes for concurrency.
    it('looks up one connection of a user at a time, and stores twenty unconfirmed ones at most', async () => {
      const lookup = site.evaluate(`
        use function PicaConnect\\Backend\\{owner_for, run, with_lock};
        with_lock('lookup', owner_for(${ids.author}), 0, function (): void {
          add_option('test_is_looking', '1');
          do usleep(50_000);
          while (run("SELECT 1 FROM wp_options WHERE option_name = %s", 'test_is_looking') !== []);
        });`);
      const lookupOption = `wp_options WHERE option_name = 'test_is_looking'`;
      while ((await count(lookupOption)) === '0') await setTimeout(20);

      const requestsBefore = pica.vaultRequests.length;
      for (let index = 0; index < 22; index++) {
        const { status, headers } = await store('author', `flood ${index}`);
        assert.equal(status, index < 20 ? 202 : 429);
        assert.equal(headers.get('retry-after'), index < 20 ? null : '600');
      }
      // Sending one of them again is still allowed.
      assert.equal((await store('author', 'flood 0')).status, 202);
      assert.equal((await rowsOf('author')).length, 20);
      assert.equal(pica.vaultRequests.length, requestsBefore);

      await site.evaluate(`delete_option('test_is_looking');
        $wpdb->query("DELETE FROM ${table} WHERE identity = '${ids.author}'");`);
      await lookup;
    });

    it('does not store a connection that was deleted during its lookup', async () => {
      const requestsBefore = pica.vaultRequests.length;
      const storing = store('author', 'hasty');
      while (pica.vaultRequests.length === requestsBefore) await setTimeout(20);
      await site.evaluate(`$wpdb->query("DELETE FROM ${table} WHERE identity = '${ids.author}'");`);
      connect('author', 'hasty');
      assert.equal((await storing).status, 404);
      assert.deepEqual(await rowsOf('author'), []);
    });
  });

  describe('with a database that fails', () => {
    /** Asserts that the requests are rejected with the time of a retry, and that none of them reached Pica. */
    async function assertRejected(requests: (() => ReturnType<typeof request>)[]): Promise<void> {
      const requestsBefore = pica.vaultRequests.length;
      for (const send of requests) {
        const { status, headers, text } = await send();
        assert.equal(status, 503, text);
        assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      }
      assert.equal(pica.vaultRequests.length, requestsBefore);
    }
    const list = () => request(routes.connections, { headers: headersFor('author') });
    const changes = [() => store('author', 'kept'), () => remove('author', 'kept')];

    before(async () => {
      connect('author', 'kept');
      assert.equal((await store('author', 'kept')).status, 201);
    });
    after(async () => {
      assert.deepEqual(await summariesFor('author'), ['kept operational confirmed']);
      assert.equal((await remove('author', 'kept')).status, 204);
    });

    it('rejects changes that the database refuses', async () => {
      for (const statement of ['INSERT', 'DELETE']) {
        await site.evaluate(
          `$wpdb->query("CREATE TRIGGER refuse_${statement} BEFORE ${statement} ON ${table} FOR EACH ROW
             SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The disk is full.'");`,
        );
      }
      await assertRejected(changes);
      await site.evaluate(
        `$wpdb->query('DROP TRIGGER refuse_INSERT'); $wpdb->query('DROP TRIGGER refuse_DELETE');`,
      );
    });

    it('rejects requests while its table is missing', async () => {
      await site.evaluate(`$wpdb->query('RENAME TABLE ${table} TO away');`);
      await assertRejected([list, ...changes]);
      await site.evaluate(`$wpdb->query('RENAME TABLE away TO ${table}');`);
    });

    it('waits only for a while when another process has locked the table', async () => {
      const lockFile = join(site.folder, 'locked');
      const locking = site.evaluate(`
        $wpdb->query('LOCK TABLES ${table} WRITE');
        touch('${lockFile}');
        do { usleep(50_000); clearstatcache(); } while (file_exists('${lockFile}'));`);
      while (!existsSync(lockFile)) await setTimeout(20);
      await assertRejected([list, ...changes]).finally(() => rm(lockFile));
      await locking;
    });
  });

  describe('with a Pica that fails', () => {
    for (const fault of faults) {
      it(`returns no token, and stores a connection as unconfirmed, when Pica fails with "${fault}"`, async () => {
        const credential = await credentialOf('author');
        connect('author', fault);
        pica.faults.set(ids.author, fault);
        const { status, headers } = await requestToken(credential);
        const { status: expected, retryAfter } = expectedErrors[fault];
        assert.equal(status, expected);
        if (retryAfter) assert.match(headers.get('retry-after') ?? '', retryAfter);
        else assert.equal(headers.get('retry-after'), null);
        assert.equal((await store('author', fault)).status, 202);
        assert.deepEqual(await summariesFor('author'), [`${fault} unknown unconfirmed`]);
        pica.faults.clear();
        // The next request for the list confirms the connection.
        assert.deepEqual(await summariesFor('author'), [`${fault} operational confirmed`]);
        assert.equal((await remove('author', fault)).status, 204);
      });
    }

    it('never prints, logs or sends the secret key to others', async () => {
      const output = responses + (await site.log());
      const index = output.indexOf(pica.secret.slice(8, 24));
      assert.equal(index, -1, output.slice(Math.max(index - 300, 0), index + 300));
      assert.match(output, /Pica returned no token: status 401/);
      assert.deepEqual(pica.redirectedRequests, []);
    });
  });

  describe('after a deletion', () => {
    it('has no rows of a deleted user', async () => {
      connect('author', 'last');
      assert.equal((await store('author', 'last')).status, 201);
      const rows = `${table} WHERE identity = '${ids.author}'`;
      assert.equal(await count(rows), '1');
      await site.evaluate(
        `require ABSPATH . 'wp-admin/includes/user.php'; wp_delete_user(${ids.author});`,
      );
      assert.equal(await count(rows), '0');
    });

    it('leaves nothing behind when the plugin is deleted', async () => {
      await site.deleteBackend();
      const remains = `echo $wpdb->get_var("SHOW TABLES LIKE '%pica%'") .
        $wpdb->get_var("SELECT COUNT(*) FROM wp_options WHERE option_name LIKE 'pica%'");`;
      assert.equal(await site.evaluate(remains), '0');
    });
  });
});
