import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  authkitOrigin,
  connectionOf,
  unconfirmed,
  type BackendUnderTest,
} from './backend-under-test.js';
import { faults, keyOf } from './pica-stand-in.js';

/**
 * Pica fails in each way that it can. Whether a secret was printed, or followed a redirect, is looked at in the end.
 */
export function failPica(under: () => BackendUnderTest): void {
  for (const fault of faults) {
    it(`says that it has no token when Pica is ${fault}`, async () => {
      const backend = under();
      const user = `token-${fault}`;
      backend.pica.faults.set(user, fault);
      const { status, headers } = await backend.askForToken(backend.credential('token', user));
      assert.equal(status, 502);
      assert.equal(headers.get('access-control-allow-origin'), authkitOrigin);
      assert.ok((backend.pica.asked.get(user) ?? 0) <= 20);
    });

    it(`keeps a connection as unconfirmed when Pica is ${fault}`, async () => {
      const backend = under();
      const user = `stored-${fault}`;
      backend.pica.faults.set(user, fault);
      const { status, text } = await backend.store(user, backend.connect(user));
      assert.equal(status, 202, text);
      assert.deepEqual(await backend.rowsOf(user), [unconfirmed(keyOf(user))]);
      // Each look ends after twenty pages.
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
