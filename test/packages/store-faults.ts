import assert from 'node:assert/strict';
import { it } from 'node:test';
import { confirmed, connectionOf, type BackendUnderTest } from './backend-under-test.js';
import { keyOf } from './pica-stand-in.js';

const finallyRun = (end: () => Promise<void>, run: () => Promise<void>) => run().finally(end);

/** Adds tests for a store that can't be read or changed. Each test restores it. */
export function testStoreFaults(getBackend: () => BackendUnderTest): void {
  const user = 'stored';
  const key = keyOf(user);

  /** Asserts that the requests are rejected with the time of a retry, and that none of them reached Pica. */
  async function assertRejected(
    requests: (() => ReturnType<BackendUnderTest['request']>)[],
  ): Promise<void> {
    const { requestCounts } = getBackend().pica;
    const before = requestCounts.get(user);
    for (const request of requests) {
      const { status, headers, text } = await request();
      assert.equal(status, 503, text);
      assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      assert.match(text, /^\{"/);
    }
    assert.equal(requestCounts.get(user), before);
  }

  const list = () => getBackend().request('/api/connections', { user });
  const changes = [
    () => getBackend().store(user, connectionOf(key)),
    () => getBackend().store(user, getBackend().connect(user, `${key}2`)),
    () => getBackend().delete(user, key),
  ];

  it('rejects changes without asking Pica while its file is read-only', async () => {
    const backend = getBackend();
    assert.equal((await backend.store(user, backend.connect(user))).status, 201);
    await finallyRun(await backend.makeStoreReadOnly(), async () => {
      await assertRejected(changes);
      assert.deepEqual(await backend.rowsOf(user), [confirmed(key)]);
    });
  });

  it('waits only for a while when another process has locked its file', async (test) => {
    const release = await getBackend().lockStore();
    if (!release) {
      test.skip('Its file is never locked.');
      return;
    }
    await finallyRun(release, () => assertRejected([list, ...changes]));
    assert.deepEqual(await getBackend().rowsOf(user), [confirmed(key)]);
  });

  it('reveals no internals while its file is corrupt', async () => {
    const repair = await getBackend().corruptStore();
    await finallyRun(repair, () => assertRejected([list, ...changes]));
    assert.deepEqual(await getBackend().rowsOf(user), [confirmed(key)]);
  });

  it('accepts changes again after that', async () => {
    const backend = getBackend();
    assert.equal((await backend.delete(user, key)).status, 204);
    assert.deepEqual(await backend.rowsOf(user), []);
  });
}
