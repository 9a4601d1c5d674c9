import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  authkitOrigin,
  connectionOf,
  connectionsPath,
  tokenPath,
  unconfirmed,
  type BackendUnderTest,
} from './backend-under-test.js';
import { faults, keyOf, expectedErrors } from './pica-stand-in.js';

/** The backends whose frameworks tell them when a client disconnects. */
export const disconnectAware = ['express', 'hono', 'next', 'go'];

/**
 * Adds tests for every fault of Pica. When all tests have run, `assertNoSecretLeaked` checks whether the backend printed
 * a secret or followed a redirect.
 */
export function testPicaFaults(getBackend: () => BackendUnderTest): void {
  it(
    'cancels its requests to Pica when the client disconnects',
    { timeout: 60_000 },
    async (test) => {
      const backend = getBackend();
      if (!disconnectAware.includes(backend.name)) {
        test.skip('Its framework does not report that a client has disconnected.');
        return;
      }
      const { pica } = backend;
      const users = ['gone-stays', 'gone-token', 'gone-list'];
      for (const user of users) pica.faults.set(user, 'no-response');
      const waitUntil = async (condition: () => boolean) => {
        while (!condition()) await sleep(20, undefined, { signal: test.signal });
      };
      const waitForRequests = (user: string, count = 1) =>
        pica.waitForRequests(user, test.signal, count);
      /** The users of this test whose requests were canceled. Other tests run at the same time. */
      const canceled = () => pica.abandoned.filter((user) => user.startsWith('gone-'));

      // Both users get an unconfirmed row, so that their lists ask Pica.
      const leaving = new AbortController();
      for (const user of ['gone-stays', 'gone-list']) {
        const { signal } = leaving;
        const claim = { method: 'POST', user, body: connectionOf('unowned'), signal };
        void backend.request(connectionsPath, claim).catch(() => undefined);
        await waitForRequests(user);
      }
      leaving.abort();
      await waitUntil(() => canceled().length === 2);

      // The requests of the client that stays start first, so they reach the backend's time limits first.
      const staying = [
        backend.requestToken(backend.credential('token', 'gone-stays')),
        backend.request(connectionsPath, { user: 'gone-stays' }),
      ];
      await waitForRequests('gone-stays', 3);
      const going = new AbortController();
      const { signal } = going;
      const asToken = { method: 'POST', user: 'gone-token', body: {}, signal };
      void backend.request(tokenPath, asToken).catch(() => undefined);
      void backend.request(connectionsPath, { user: 'gone-list', signal }).catch(() => undefined);
      await Promise.all([waitForRequests('gone-token'), waitForRequests('gone-list', 2)]);
      going.abort();
      const statuses = (await Promise.all(staying)).map(({ status }) => status);
      assert.deepEqual(statuses, [504, 200]);
      assert.deepEqual(canceled().slice(2, 4).sort(), ['gone-list', 'gone-token']);
    },
  );

  for (const fault of faults) {
    it(`returns no token when Pica fails with "${fault}", and Retry-After only if retrying can help`, async () => {
      const backend = getBackend();
      const user = `token-${fault}`;
      backend.pica.faults.set(user, fault);
      const { status, headers } = await backend.requestToken(backend.credential('token', user));
      const { status: expected, retryAfter } = expectedErrors[fault];
      assert.equal(status, expected);
      if (retryAfter) assert.match(headers.get('retry-after') ?? '', retryAfter);
      else assert.equal(headers.get('retry-after'), null);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      assert.ok((backend.pica.requestCounts.get(user) ?? 0) <= 100);
    });

    it(`stores a connection as unconfirmed when Pica fails with "${fault}"`, async () => {
      const backend = getBackend();
      const user = `stored-${fault}`;
      backend.pica.faults.set(user, fault);
      const { status, text } = await backend.store(user, backend.connect(user));
      assert.equal(status, 202, text);
      assert.deepEqual(await backend.rowsOf(user), [unconfirmed(keyOf(user))]);
      // One lookup for storing and one for the list, with a hundred pages each at most. A failed lookup isn't repeated.
      assert.ok((backend.pica.requestCounts.get(user) ?? 0) <= 200);
    });

    it(`still lists confirmed connections when Pica fails with "${fault}"`, async () => {
      const backend = getBackend();
      const user = `listed-${fault}`;
      const gmail = backend.connect(user);
      assert.equal((await backend.store(user, gmail)).status, 201);
      backend.pica.faults.set(user, fault);
      assert.equal((await backend.store(user, { ...gmail, state: 'failed' })).status, 200);
      const [row] = await backend.rowsOf(user);
      assert.deepEqual(row, {
        ...connectionOf(gmail.connection_key),
        state: 'failed',
        confirmed: true,
      });
    });
  }
}
