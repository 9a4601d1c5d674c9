import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  confirmed,
  connectionOf,
  unconfirmed,
  type BackendUnderTest,
} from './backend-under-test.js';
import { keyOf } from './pica-stand-in.js';

/** Whose is a key? Each test has users of its own, so that all of them can run at the same time. */
export function claimKeys(under: () => BackendUnderTest): void {
  it('believes nobody that a key is theirs that is another user’s at Pica', async () => {
    const backend = under();
    backend.connect('owner-1');
    await backend.claimInVain('claimer-1', keyOf('owner-1'));
    assert.deepEqual(await backend.rowsOf('owner-1'), []);
  });

  it('believes nobody that a key is theirs that is a team’s with their id', async () => {
    const backend = under();
    const key = keyOf('of-team-2');
    backend.pica.vault.add({ platform: 'gmail', key, identity: '2', identityType: 'team' });
    await backend.claimInVain('2', key);
  });

  it('believes nobody that a key is theirs that is nobody’s', async () => {
    const backend = under();
    const key = keyOf('nobody-3');
    backend.pica.vault.add({ platform: 'gmail', key });
    await backend.claimInVain('claimer-3', key);
  });

  it('looks at whose a row is, though Pica answers with everybody’s', async () => {
    const backend = under();
    backend.connect('owner-4');
    const key = keyOf('of-team-4');
    backend.pica.vault.add({ platform: 'gmail', key, identity: 'claimer-4', identityType: 'team' });
    for (const user of ['claimer-4', 'claimer-4b']) backend.pica.unfiltered.add(user);
    await Promise.all([
      backend.claimInVain('claimer-4', key),
      backend.claimInVain('claimer-4b', keyOf('owner-4')),
    ]);
  });

  it('stores a key for its owner, who comes after a claimer', async () => {
    const backend = under();
    const key = keyOf('owner-5');
    await backend.claimInVain('claimer-5', key);
    const { status, text } = await backend.store('owner-5', backend.connect('owner-5'));
    assert.equal(status, 201, text);
    assert.deepEqual(await backend.rowsOf('owner-5'), [confirmed(key)]);
    assert.deepEqual(await backend.rowsOf('claimer-5'), [unconfirmed(key)]);

    // Either may take away what is theirs, and nothing else.
    assert.equal((await backend.delete('claimer-5', key)).status, 204);
    assert.deepEqual(await backend.rowsOf('owner-5'), [confirmed(key)]);
    assert.equal((await backend.delete('claimer-5', key)).status, 404);
    assert.deepEqual(await backend.rowsOf('owner-5'), [confirmed(key)]);
  });

  it('overwrites nothing of the owner, who came before a claimer', async () => {
    const backend = under();
    const key = keyOf('owner-6');
    assert.equal((await backend.store('owner-6', backend.connect('owner-6'))).status, 201);
    const claim = { ...connectionOf(key), platform: 'slack', environment: 'live', name: 'Mine' };
    assert.equal((await backend.store('claimer-6', claim)).status, 202);
    assert.deepEqual(await backend.rowsOf('owner-6'), [confirmed(key)]);
  });

  it('takes no identity from a request', async () => {
    const backend = under();
    const key = keyOf('owner-7');
    const { status } = await backend.store('claimer-7', {
      ...backend.connect('owner-7'),
      user: 'owner-7',
      identity: 'owner-7',
      identityType: 'team',
      identity_type: 'team',
      confirmed: true,
    });
    assert.equal(status, 202);
    assert.deepEqual(await backend.rowsOf('claimer-7'), [unconfirmed(key)]);
    assert.deepEqual(await backend.rowsOf('owner-7'), []);
  });

  it('asks Pica for what is the user’s alone', async () => {
    const backend = under();
    // What an address has to encode, and what would add to it if nobody did.
    const user = 'u&identityType=team#8 %26+';
    const { status } = await backend.store(user, backend.connect(user, keyOf('8')));
    assert.equal(status, 201);
    const asked = backend.pica.vaultRequests.filter(({ query }) => query.get('identity') === user);
    assert.ok(asked.length > 0);
    for (const { query, headers } of asked) {
      assert.deepEqual(query.getAll('identityType'), ['user']);
      assert.equal(headers.get('x-pica-secret'), backend.pica.secret);
    }
  });

  it('finds a key on a later page of the vault', async () => {
    const backend = under();
    const gmail = backend.connect('owner-9');
    for (let newer = 0; newer < 100; newer++) backend.connect('owner-9', `${keyOf('9')}${newer}`);
    assert.equal((await backend.store('owner-9', gmail)).status, 201);
  });

  it('looks again for a key that the vault does not show at once', async () => {
    const backend = under();
    backend.pica.lag.set('owner-10', 2);
    const { status, text } = await backend.store('owner-10', backend.connect('owner-10'));
    assert.equal(status, 201, text);
    assert.deepEqual(await backend.rowsOf('owner-10'), [confirmed(keyOf('owner-10'))]);
  });

  it('confirms in the list what the vault shows later', async () => {
    const backend = under();
    await backend.claimInVain('owner-11', keyOf('owner-11'));
    backend.connect('owner-11');
    assert.deepEqual(await backend.rowsOf('owner-11'), [confirmed(keyOf('owner-11'))]);
  });

  it('confirms what is sent again, once the vault shows it', async () => {
    const backend = under();
    await backend.claimInVain('owner-12', keyOf('owner-12'));
    const { status, text } = await backend.store('owner-12', backend.connect('owner-12'));
    assert.equal(status, 200, text);
    assert.deepEqual(await backend.rowsOf('owner-12'), [confirmed(keyOf('owner-12'))]);
  });
}
