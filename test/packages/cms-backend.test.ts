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
import { faults, keyOf, PicaStandIn, refusals } from './pica-stand-in.js';
import { makeEarlierTable, routes, table, type Question, type Row } from './wordpress-backend.js';

/*
 * The plugin of demo/docs/backends/wordpress.md, in a real WordPress with a stand-in for Pica, asked as pages, AuthKit,
 * other sites and other users ask. Who is asking is for WordPress to say, so the checks of backends.test.ts do not fit.
 */

const authkitOrigin = 'https://authkit.example';

describe('the backend for WordPress', () => {
  let pica: PicaStandIn;
  let site: WordPressSite;
  const sessions = {} as Record<Writer, Session>;
  const ids = {} as Record<Writer, string>;
  /** Everything that has been answered, to be searched for the secret key. */
  let answered = '';
  const running: { close(): Promise<void> }[] = [];

  before(async () => {
    running.push((pica = await PicaStandIn.start(`sk_test_${randomBytes(16).toString('hex')}`)));
    running.push((site = await WordPressSite.start()));
    // As an earlier version of the plugin left it: one connection that is the admin's at Pica, and one that is not.
    ids.admin = await idOf('admin');
    ids.author = await idOf('author');
    await makeEarlierTable(site, ids.admin);
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

  /** What AuthKit does when a user has connected: Pica has it from then on. */
  const connect = (name: Writer, key: string) =>
    pica.vault.add({ platform: 'gmail', key, identity: ids[name], identityType: 'user' });

  async function ask(route: string, { method = 'GET', headers = {}, body, key }: Question = {}) {
    const path = key === undefined ? '' : encodeURIComponent(key);
    const response = await fetch(`${site.origin}/${path}?rest_route=${route}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    answered += `${[...response.headers].join('\n')}\n${text}\n`;
    // Neither WordPress' errors nor PHP's are printed in front of the JSON.
    if (text !== '') assert.doesNotThrow(() => JSON.parse(text), text);
    return { status: response.status, headers: response.headers, text };
  }

  /** What pages of the site send. */
  const as = (name: Writer) => ({
    cookie: sessions[name].cookie,
    'x-wp-nonce': sessions[name].nonce,
  });

  const json = { 'content-type': 'application/json' };
  const connection = (key: string) => ({
    platform: 'gmail',
    connection_key: key,
    environment: 'test',
    state: 'operational',
  });

  const send = (name: Writer, body: string) =>
    ask(routes.connections, { method: 'POST', headers: { ...as(name), ...json }, body });
  const store = (name: Writer, key: string) => send(name, JSON.stringify(connection(key)));
  const remove = (name: Writer, key: string) =>
    ask(routes.connections, { method: 'DELETE', headers: as(name), key });

  async function rowsOf(name: Writer): Promise<Row[]> {
    const { status, text } = await ask(routes.connections, { headers: as(name) });
    assert.equal(status, 200, text);
    return JSON.parse(text) as Row[];
  }
  const shownTo = async (name: Writer) =>
    (await rowsOf(name)).map(({ connection_key, state, confirmed }) =>
      [connection_key, state, confirmed ? 'confirmed' : 'unconfirmed'].join(' '),
    );

  async function credentialOf(name: Writer): Promise<string> {
    const { status, text } = await ask(routes.credential, { headers: as(name) });
    assert.equal(status, 200, text);
    return (JSON.parse(text) as { 'x-pica-user': string })['x-pica-user'];
  }
  const askForToken = (credential: string) =>
    ask(routes.token, {
      method: 'POST',
      headers: { ...json, origin: authkitOrigin, 'x-pica-user': credential },
      body: '{}',
    });
  const sign = (signed: string) =>
    site.evaluate(`echo '${signed}.' . hash_hmac('sha256', '${signed}', wp_salt('auth'));`);
  /** Makes it ten minutes and more ago that Pica was first seen not to have what is unconfirmed. */
  const age = () =>
    site.evaluate(
      `$wpdb->query("UPDATE ${table} SET unlisted_since = unlisted_since - INTERVAL 1 HOUR");`,
    );
  const until = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  describe('with the table of an earlier version', () => {
    it('confirms what is the user’s at Pica, drops later what is not, and keeps its time', async () => {
      assert.deepEqual((await shownTo('admin')).sort(), [
        'earlier operational confirmed',
        'taken unknown unconfirmed',
      ]);
      await age();
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

    it('takes it over where the file was replaced while the plugin was active', async () => {
      // None of the table that the plugin made when it was activated.
      await site.evaluate(`$wpdb->query('DROP TABLE ${table}');`);
      await makeEarlierTable(site, ids.admin);
      await site.evaluate(`delete_option('pica_connect_backend_schema');`);
      await rowsOf('admin');
      await age();
      assert.deepEqual(await shownTo('admin'), ['earlier operational confirmed']);
      // As version 2.0.0 made the table.
      await site.evaluate(`$wpdb->query('ALTER TABLE ${table} DROP COLUMN unlisted_since');
        update_option('pica_connect_backend_schema', '2');`);
      assert.deepEqual(await shownTo('admin'), ['earlier operational confirmed']);
      assert.equal((await remove('admin', 'earlier')).status, 204);
      assert.deepEqual(await rowsOf('admin'), []);
    });
  });

  describe('asked by another site, or by nobody', () => {
    const strangers: Record<string, () => Promise<Record<string, string>>> = {
      'nobody it knows': () => Promise.resolve({}),
      'another site, with the user’s cookies': () =>
        Promise.resolve({ cookie: sessions.admin.cookie, origin: 'https://evil.example' }),
      'another site, with a nonce of its own account': () =>
        Promise.resolve({ cookie: sessions.admin.cookie, 'x-wp-nonce': sessions.author.nonce }),
      'AuthKit’s page, with the credential for tokens': async () => ({
        'x-pica-user': await credentialOf('admin'),
        authorization: `Bearer ${await credentialOf('admin')}`,
      }),
    };
    for (const [who, headersOf] of Object.entries(strangers)) {
      it(`lists, stores and deletes nothing for ${who}, and gives no credential`, async () => {
        connect('admin', 'whose');
        const headers = await headersOf();
        const body = JSON.stringify(connection('whose'));
        for (const question of [
          { route: routes.credential },
          { route: routes.connections },
          { route: routes.connections, method: 'POST', body },
          { route: routes.connections, method: 'DELETE', key: 'whose' },
        ]) {
          const { route, ...rest } = question;
          const { status } = await ask(route, { ...rest, headers: { ...json, ...headers } });
          assert.ok([401, 403].includes(status), `${rest.method ?? 'GET'} ${route}: ${status}`);
        }
        assert.deepEqual(await rowsOf('admin'), []);
      });
    }

    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      it(`stores nothing that is sent as ${type}`, async () => {
        connect('admin', 'typed');
        const body = type.includes('form')
          ? new URLSearchParams(connection('typed')).toString()
          : JSON.stringify(connection('typed'));
        for (const route of [routes.connections, routes.connections.toUpperCase()]) {
          const headers = { ...as('admin'), 'content-type': type };
          assert.equal((await ask(route, { method: 'POST', headers, body })).status, 415);
        }
        assert.deepEqual(await rowsOf('admin'), []);
      });
    }
  });

  describe('as token endpoint', () => {
    it('takes the credential that it gives to the user’s page', async () => {
      const { status, headers, text } = await askForToken(await credentialOf('author'));
      assert.equal(status, 200, text);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      assert.equal(headers.get('access-control-allow-credentials'), null);
    });

    const forgeries: Record<string, () => Promise<string>> = {
      missing: () => Promise.resolve(''),
      'a user’s id alone': () => Promise.resolve(ids.admin),
      'past its time': () => sign(`token.${ids.admin}.${until(-60)}`),
      'for another purpose': () => sign(`connections.${ids.admin}.${until(60)}`),
      'for no purpose': () => sign(`${ids.admin}.${until(60)}`),
      'for nobody': () => sign(`token.0.${until(60)}`),
      'for a user who has been deleted': () => sign(`token.4711.${until(60)}`),
      'another user’s': async () =>
        (await credentialOf('author')).replace(/^token\.\d+/, `token.${ids.admin}`),
      'prolonged by its holder': async () =>
        (await credentialOf('author')).replace(/\d+(?=\.[0-9a-f]{64})/, String(until(9000))),
      'without its signature': async () => (await credentialOf('author')).slice(0, -64),
    };
    for (const [name, make] of Object.entries(forgeries)) {
      it(`gives no token for a credential that is ${name}, and AuthKit’s page can read that`, async () => {
        const { status, headers } = await askForToken(await make());
        assert.equal(status, 401);
        assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      });
    }
  });

  describe('asked whose a connection is', () => {
    it('stores what is the user’s at Pica, once, with its time as UTC', async () => {
      // At 14 hours from UTC. The database's zone is another, too.
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

    it('believes nobody that a key is theirs that is another user’s, and lets the owner in', async () => {
      connect('admin', 'mine');
      pica.unfiltered.add(ids.author);
      const { status, text } = await store('author', 'mine');
      assert.equal(status, 202, text);
      const { state, confirmed } = JSON.parse(text) as Row;
      assert.deepEqual({ state, confirmed }, { state: 'unknown', confirmed: false });
      assert.deepEqual(await shownTo('author'), ['mine unknown unconfirmed']);
      assert.equal((await store('admin', 'mine')).status, 201);
      assert.ok((await shownTo('admin')).includes('mine operational confirmed'));
      assert.deepEqual(await shownTo('author'), ['mine unknown unconfirmed']);
      pica.unfiltered.clear();
    });

    it('deletes the user’s own row alone', async () => {
      assert.equal((await remove('author', keyOf('admin'))).status, 404);
      assert.equal((await remove('author', 'mine')).status, 204);
      assert.ok((await shownTo('admin')).includes('mine operational confirmed'));
      assert.equal((await remove('admin', keyOf('admin'))).status, 204);
    });

    it('does not take a team’s connection for that of the user with the same number', async () => {
      pica.vault.add({
        platform: 'gmail',
        key: 'of a team',
        identity: ids.author,
        identityType: 'team',
      });
      pica.unfiltered.add(ids.author);
      assert.equal((await store('author', 'of a team')).status, 202);
      assert.deepEqual(await shownTo('author'), ['of a team unknown unconfirmed']);
      pica.unfiltered.clear();
    });

    it('drops what Pica still does not have after ten minutes, unless Pica is away', async () => {
      const shown = ['of a team unknown unconfirmed'];
      await site.evaluate(
        `$wpdb->query("UPDATE ${table} SET unlisted_since = NULL, created_at = created_at - INTERVAL 1 HOUR");`,
      );
      assert.deepEqual(await shownTo('author'), shown);
      await age();
      pica.faults.set(ids.author, 'broken');
      assert.deepEqual(await shownTo('author'), shown);
      pica.faults.clear();
      assert.deepEqual(await rowsOf('author'), []);
      assert.deepEqual(await shownTo('admin'), ['mine operational confirmed']);
    });

    it('drops nothing of the other environment, which the secret key does not show', async () => {
      pica.faults.set(ids.author, 'broken');
      const live = { ...connection('live'), environment: 'live' };
      assert.equal((await send('author', JSON.stringify(live))).status, 202);
      pica.faults.clear();
      await rowsOf('author');
      await age();
      assert.deepEqual(await shownTo('author'), ['live unknown unconfirmed']);
      assert.equal((await remove('author', 'live')).status, 204);
    });

    it('takes platform and environment from Pica', async () => {
      connect('author', 'said');
      const said = { ...connection('said'), platform: 'slack', environment: 'live' };
      assert.equal((await send('author', JSON.stringify(said))).status, 201);
      assert.equal((await send('author', JSON.stringify(said))).status, 200);
      const [row] = await rowsOf('author');
      assert.equal(row?.platform, 'gmail');
      assert.equal(row.environment, 'test');
      assert.equal((await remove('author', 'said')).status, 204);
    });

    it('finds what is on the last of 24 pages, and deletes it', async () => {
      connect('author', 'oldest');
      for (let newer = 0; newer < 2300; newer++) connect('author', `newer ${newer}`);
      const asked = () => pica.vaultRequests.length;
      const before = asked();
      assert.equal((await store('author', 'newer 2299')).status, 201);
      assert.equal(asked() - before, 1);
      assert.equal((await store('author', 'oldest')).status, 201);
      assert.equal(asked() - before, 25);
      assert.equal((await remove('author', 'unknown')).status, 404);
      assert.equal((await remove('author', 'oldest')).status, 204);
      assert.equal((await remove('author', 'newer 2299')).status, 204);
      for (const { id } of pica.vault.list({ identity: ids.author })) pica.vault.remove(id);
    });

    it('takes at most 16 KiB', async () => {
      const body = JSON.stringify(connection('large')).padEnd(16_385);
      assert.equal((await send('author', body)).status, 413);
      assert.deepEqual(await rowsOf('author'), []);
    });
  });

  describe('asked for more than it can look at', () => {
    // The web server of the test answers one request after the other; so what is to go on beside one is other processes.
    it('looks for one connection of a user at a time, and keeps twenty at most', async () => {
      const looking = site.evaluate(`
        use function PicaConnect\\Backend\\{owner_for, run, with_lock};
        with_lock('lookup', owner_for(${ids.author}), 0, function (): void {
          add_option('test_is_looking', '1');
          do usleep(50_000);
          while (run("SELECT 1 FROM wp_options WHERE option_name = %s", 'test_is_looking') !== []);
        });`);
      const isLooking = `wp_options WHERE option_name = 'test_is_looking'`;
      while ((await count(isLooking)) === '0') await setTimeout(20);

      const looks = pica.vaultRequests.length;
      for (let index = 0; index < 22; index++) {
        const { status, headers } = await store('author', `flood ${index}`);
        assert.equal(status, index < 20 ? 202 : 429);
        assert.equal(headers.get('retry-after'), index < 20 ? null : '600');
      }
      // Sent again, it is none more.
      assert.equal((await store('author', 'flood 0')).status, 202);
      assert.equal((await rowsOf('author')).length, 20);
      assert.equal(pica.vaultRequests.length, looks);

      await site.evaluate(`delete_option('test_is_looking');
        $wpdb->query("DELETE FROM ${table} WHERE identity = '${ids.author}'");`);
      await looking;
    });

    it('leaves out what was deleted while it looked', async () => {
      const looks = pica.vaultRequests.length;
      const storing = store('author', 'hasty');
      while (pica.vaultRequests.length === looks) await setTimeout(20);
      await site.evaluate(`$wpdb->query("DELETE FROM ${table} WHERE identity = '${ids.author}'");`);
      connect('author', 'hasty');
      assert.equal((await storing).status, 404);
      assert.deepEqual(await rowsOf('author'), []);
    });
  });

  describe('with a database that fails', () => {
    /** Nothing of this can be done now: the answer says when to ask again, and Pica was asked nothing meanwhile. */
    async function refuses(answers: (() => ReturnType<typeof ask>)[]): Promise<void> {
      const looks = pica.vaultRequests.length;
      for (const answer of answers) {
        const { status, headers, text } = await answer();
        assert.equal(status, 503, text);
        assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      }
      assert.equal(pica.vaultRequests.length, looks);
    }
    const list = () => ask(routes.connections, { headers: as('author') });
    const changes = [() => store('author', 'kept'), () => remove('author', 'kept')];

    before(async () => {
      connect('author', 'kept');
      assert.equal((await store('author', 'kept')).status, 201);
    });
    after(async () => {
      assert.deepEqual(await shownTo('author'), ['kept operational confirmed']);
      assert.equal((await remove('author', 'kept')).status, 204);
    });

    it('stores and deletes nothing that the database refuses', async () => {
      for (const what of ['INSERT', 'DELETE']) {
        await site.evaluate(
          `$wpdb->query("CREATE TRIGGER refuse_${what} BEFORE ${what} ON ${table} FOR EACH ROW
             SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The disk is full.'");`,
        );
      }
      await refuses(changes);
      await site.evaluate(
        `$wpdb->query('DROP TRIGGER refuse_INSERT'); $wpdb->query('DROP TRIGGER refuse_DELETE');`,
      );
    });

    it('says no word of itself while its table is away', async () => {
      await site.evaluate(`$wpdb->query('RENAME TABLE ${table} TO away');`);
      await refuses([list, ...changes]);
      await site.evaluate(`$wpdb->query('RENAME TABLE away TO ${table}');`);
    });

    it('waits for somebody who has locked the table for a while, and no longer', async () => {
      const locked = join(site.folder, 'locked');
      const locking = site.evaluate(`
        $wpdb->query('LOCK TABLES ${table} WRITE');
        touch('${locked}');
        do { usleep(50_000); clearstatcache(); } while (file_exists('${locked}'));`);
      while (!existsSync(locked)) await setTimeout(20);
      await refuses([list, ...changes]).finally(() => rm(locked));
      await locking;
    });
  });

  describe('with a Pica that fails', () => {
    for (const fault of faults) {
      it(`says so, and stores as unconfirmed, when Pica is ${fault}`, async () => {
        const credential = await credentialOf('author');
        connect('author', fault);
        pica.faults.set(ids.author, fault);
        const { status, headers } = await askForToken(credential);
        const { status: expected, retryAfter } = refusals[fault];
        assert.equal(status, expected);
        if (retryAfter) assert.match(headers.get('retry-after') ?? '', retryAfter);
        else assert.equal(headers.get('retry-after'), null);
        assert.equal((await store('author', fault)).status, 202);
        assert.deepEqual(await shownTo('author'), [`${fault} unknown unconfirmed`]);
        pica.faults.clear();
        // The next list confirms it.
        assert.deepEqual(await shownTo('author'), [`${fault} operational confirmed`]);
        assert.equal((await remove('author', fault)).status, 204);
      });
    }

    it('has printed, logged and answered the secret key nowhere, and sent it to nobody else', async () => {
      const said = answered + (await site.log());
      const at = said.indexOf(pica.secret.slice(8, 24));
      assert.equal(at, -1, said.slice(Math.max(at - 300, 0), at + 300));
      assert.match(said, /Pica returned no token: status 401/);
      assert.deepEqual(pica.strayed, []);
    });
  });

  describe('in the end', () => {
    it('deletes the rows of a user who is deleted', async () => {
      connect('author', 'last');
      assert.equal((await store('author', 'last')).status, 201);
      const rows = `${table} WHERE identity = '${ids.author}'`;
      assert.equal(await count(rows), '1');
      await site.evaluate(
        `require ABSPATH . 'wp-admin/includes/user.php'; wp_delete_user(${ids.author});`,
      );
      assert.equal(await count(rows), '0');
    });

    it('leaves nothing when the plugin is deleted', async () => {
      await site.deleteBackend();
      const left = `echo $wpdb->get_var("SHOW TABLES LIKE '%pica%'") .
        $wpdb->get_var("SELECT COUNT(*) FROM wp_options WHERE option_name LIKE 'pica%'");`;
      assert.equal(await site.evaluate(left), '0');
    });
  });
});
