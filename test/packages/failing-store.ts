import assert from 'node:assert/strict';
import { it } from 'node:test';
import { confirmed, connectionOf, type BackendUnderTest } from './backend-under-test.js';
import { keyOf } from './pica-stand-in.js';

const during = (end: () => Promise<void>, what: () => Promise<void>) => what().finally(end);

/** What a backend stores cannot be read or changed. Its file is as it was after each of these. */
export function failStore(under: () => BackendUnderTest): void {
  const user = 'stored';
  const key = keyOf(user);

  /** Nothing of this can be done now: the answer says when to ask again, and Pica was asked nothing meanwhile. */
  async function refuses(answers: (() => ReturnType<BackendUnderTest['ask']>)[]): Promise<void> {
    const { asked } = under().pica;
    const before = asked.get(user);
    for (const answer of answers) {
      const { status, headers, text } = await answer();
      assert.equal(status, 503, text);
      assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      assert.match(text, /^\{"/);
    }
    assert.equal(asked.get(user), before);
  }

  const list = () => under().ask('/api/connections', { as: user });
  const changes = [
    () => under().store(user, connectionOf(key)),
    () => under().store(user, under().connect(user, `${key}2`)),
    () => under().delete(user, key),
  ];

  it('changes nothing, and asks Pica nothing, while its file may only be read', async () => {
    const backend = under();
    assert.equal((await backend.store(user, backend.connect(user))).status, 201);
    await during(await backend.allowOnlyReading(), async () => {
      await refuses(changes);
      assert.deepEqual(await backend.rowsOf(user), [confirmed(key)]);
    });
  });

  it('waits for another process for a while, and no longer', async (test) => {
    const release = await under().lockStore();
    if (!release) {
      test.skip('Nobody locks its file.');
      return;
    }
    await during(release, () => refuses([list, ...changes]));
    assert.deepEqual(await under().rowsOf(user), [confirmed(key)]);
  });

  it('says no word of itself while its file is broken', async () => {
    const mend = await under().breakStore();
    await during(mend, () => refuses([list, ...changes]));
    assert.deepEqual(await under().rowsOf(user), [confirmed(key)]);
  });

  it('does afterwards what it could not do', async () => {
    const backend = under();
    assert.equal((await backend.delete(user, key)).status, 204);
    assert.deepEqual(await backend.rowsOf(user), []);
  });
}
