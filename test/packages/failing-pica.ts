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
import { faults, keyOf, refusals } from './pica-stand-in.js';

/** Those that are told when a client has gone. */
export const noticing = ['express', 'hono', 'next', 'go'];

/**
 * Pica fails in each way that it can. Whether a secret was printed, or followed a redirect, is looked at in the end.
 */
export function failPica(under: () => BackendUnderTest): void {
  it(
    'gives up its requests to Pica when the client has gone',
    { timeout: 60_000 },
    async (test) => {
      const backend = under();
      if (!noticing.includes(backend.name)) {
        test.skip('It is not told who has gone.');
        return;
      }
      const { pica } = backend;
      const users = ['gone-stays', 'gone-token', 'gone-list'];
      for (const user of users) pica.faults.set(user, 'silent');
      const until = async (isSo: () => boolean) => {
        while (!isSo()) await sleep(20, undefined, { signal: test.signal });
      };
      const isAsked = (user: string, times = 1) =>
        until(() => (pica.asked.get(user) ?? 0) >= times);
      /** Whose requests were given up, but for what other tests do. */
      const givenUp = () => pica.abandoned.filter((user) => user.startsWith('gone-'));

      // Both have something that is not confirmed, so that their lists ask Pica.
      const leaving = new AbortController();
      for (const user of ['gone-stays', 'gone-list']) {
        const { signal } = leaving;
        const claim = { method: 'POST', as: user, body: connectionOf('nobody’s'), signal };
        void backend.ask(connectionsPath, claim).catch(() => undefined);
        await isAsked(user);
      }
      leaving.abort();
      await until(() => givenUp().length === 2);

      // Whoever stays has asked first, and so meets the backend's own time limits first.
      const staying = [
        backend.askForToken(backend.credential('token', 'gone-stays')),
        backend.ask(connectionsPath, { as: 'gone-stays' }),
      ];
      await isAsked('gone-stays', 3);
      const going = new AbortController();
      const { signal } = going;
      const asToken = { method: 'POST', as: 'gone-token', body: {}, signal };
      void backend.ask(tokenPath, asToken).catch(() => undefined);
      void backend.ask(connectionsPath, { as: 'gone-list', signal }).catch(() => undefined);
      await Promise.all([isAsked('gone-token'), isAsked('gone-list', 2)]);
      going.abort();
      const statuses = (await Promise.all(staying)).map(({ status }) => status);
      assert.deepEqual(statuses, [504, 200]);
      assert.deepEqual(givenUp().slice(2, 4).sort(), ['gone-list', 'gone-token']);
    },
  );

  for (const fault of faults) {
    it(`says that it has no token when Pica is ${fault}, and when to ask again`, async () => {
      const backend = under();
      const user = `token-${fault}`;
      backend.pica.faults.set(user, fault);
      const { status, headers } = await backend.askForToken(backend.credential('token', user));
      const { status: expected, retryAfter } = refusals[fault];
      assert.equal(status, expected);
      if (retryAfter) assert.match(headers.get('retry-after') ?? '', retryAfter);
      else assert.equal(headers.get('retry-after'), null);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      assert.ok((backend.pica.asked.get(user) ?? 0) <= 100);
    });

    it(`keeps a connection as unconfirmed when Pica is ${fault}`, async () => {
      const backend = under();
      const user = `stored-${fault}`;
      backend.pica.faults.set(user, fault);
      const { status, text } = await backend.store(user, backend.connect(user));
      assert.equal(status, 202, text);
      assert.deepEqual(await backend.rowsOf(user), [unconfirmed(keyOf(user))]);
      // One look as it was sent and one for the list, of a hundred pages at most: a Pica that fails is not asked again.
      assert.ok((backend.pica.asked.get(user) ?? 0) <= 200);
    });

    it(`still lists what was confirmed before Pica was ${fault}`, async () => {
      const backend = under();
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
