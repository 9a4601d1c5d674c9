import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  confirmed,
  connectionOf,
  connectionsPath,
  unconfirmed,
  type BackendUnderTest,
  type Row,
} from './backend-under-test.js';
import { disconnectAware } from './pica-faults.js';
import { keyOf } from './pica-stand-in.js';

/** Adds tests of who owns a connection's key. Each test has its own users, so all can run at the same time. */
export function testOwnership(getBackend: () => BackendUnderTest): void {
  it('does not confirm a key that belongs to another user at Pica', async () => {
    const backend = getBackend();
    backend.connect('owner-1');
    await backend.claimWithoutOwnership('claimer-1', keyOf('owner-1'));
    assert.deepEqual(await backend.rowsOf('owner-1'), []);
  });

  it('does not confirm a key that belongs to a team with the user’s id', async () => {
    const backend = getBackend();
    const key = keyOf('of-team-2');
    backend.pica.vault.add({ platform: 'gmail', key, identity: '2', identityType: 'team' });
    await backend.claimWithoutOwnership('2', key);
  });

  it('does not confirm a key without an owner', async () => {
    const backend = getBackend();
    const key = keyOf('unowned-3');
    backend.pica.vault.add({ platform: 'gmail', key });
    await backend.claimWithoutOwnership('claimer-3', key);
  });

  it('checks the owner of each row even if Pica returns rows of all users', async () => {
    const backend = getBackend();
    backend.connect('owner-4');
    const key = keyOf('of-team-4');
    backend.pica.vault.add({ platform: 'gmail', key, identity: 'claimer-4', identityType: 'team' });
    for (const user of ['claimer-4', 'claimer-4b']) backend.pica.identitiesWithAllRows.add(user);
    await Promise.all([
      backend.claimWithoutOwnership('claimer-4', key),
      backend.claimWithoutOwnership('claimer-4b', keyOf('owner-4')),
    ]);
  });

  it('stores a key for its owner after another user has claimed it', async () => {
    const backend = getBackend();
    const key = keyOf('owner-5');
    await backend.claimWithoutOwnership('claimer-5', key);
    const { status, text } = await backend.store('owner-5', backend.connect('owner-5'));
    assert.equal(status, 201, text);
    assert.deepEqual(await backend.rowsOf('owner-5'), [confirmed(key)]);
    assert.deepEqual(await backend.rowsOf('claimer-5'), [unconfirmed(key)]);

    // Each user can delete only their own row.
    assert.equal((await backend.delete('claimer-5', key)).status, 204);
    assert.deepEqual(await backend.rowsOf('owner-5'), [confirmed(key)]);
    assert.equal((await backend.delete('claimer-5', key)).status, 404);
    assert.deepEqual(await backend.rowsOf('owner-5'), [confirmed(key)]);
  });

  it('keeps the owner’s row when another user claims its key', async () => {
    const backend = getBackend();
    const key = keyOf('owner-6');
    assert.equal((await backend.store('owner-6', backend.connect('owner-6'))).status, 201);
    const claim = { ...connectionOf(key), platform: 'slack', environment: 'live', name: 'Mine' };
    assert.equal((await backend.store('claimer-6', claim)).status, 202);
    assert.deepEqual(await backend.rowsOf('owner-6'), [confirmed(key)]);
  });

  it('ignores identities in a request', async () => {
    const backend = getBackend();
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

  it('asks Pica only for the user’s connections', async () => {
    const backend = getBackend();
    // Without encoding, this id would add a parameter to the URL.
    const user = 'u&identityType=team#8 %26+';
    const { status } = await backend.store(user, backend.connect(user, keyOf('8')));
    assert.equal(status, 201);
    const requests = backend.pica.vaultRequests.filter(
      ({ query }) => query.get('identity') === user,
    );
    assert.ok(requests.length > 0);
    for (const { query, headers } of requests) {
      assert.deepEqual(query.getAll('identityType'), ['user']);
      assert.equal(headers.get('x-pica-secret'), backend.pica.secret);
    }
  });

  it('finds a key on the last of 24 pages of the vault, and requests no more pages than necessary', async () => {
    const backend = getBackend();
    const oldest = backend.connect('owner-9');
    for (let newer = 0; newer < 2300; newer++) backend.connect('owner-9', `${keyOf('9')}${newer}`);
    const newest = connectionOf(`${keyOf('9')}2299`);
    assert.equal((await backend.store('owner-9', newest)).status, 201);
    assert.equal(backend.pica.requestCounts.get('owner-9'), 1);
    assert.equal((await backend.store('owner-9', oldest)).status, 201);
    assert.equal(backend.pica.requestCounts.get('owner-9'), 25);
    assert.equal((await backend.delete('owner-9', `${keyOf('9')}none`)).status, 404);
    assert.equal((await backend.delete('owner-9', oldest.connection_key)).status, 204);
    assert.deepEqual(await backend.rowsOf('owner-9'), [confirmed(newest.connection_key)]);
  });

  it('confirms a listed key that is on the last of 24 pages of the vault', async () => {
    const backend = getBackend();
    await backend.claimWithoutOwnership('owner-16', keyOf('owner-16'));
    backend.connect('owner-16');
    for (let newer = 0; newer < 2300; newer++)
      backend.connect('owner-16', `${keyOf('16')}${newer}`);
    assert.deepEqual(await backend.rowsOf('owner-16'), [confirmed(keyOf('owner-16'))]);
  });

  it('repeats the lookup of a key that the vault does not have yet', async () => {
    const backend = getBackend();
    backend.pica.staleLookups.set('owner-10', 2);
    const { status, text } = await backend.store('owner-10', backend.connect('owner-10'));
    assert.equal(status, 201, text);
    assert.deepEqual(await backend.rowsOf('owner-10'), [confirmed(keyOf('owner-10'))]);
  });

  it('confirms a listed key once the vault has it', async () => {
    const backend = getBackend();
    await backend.claimWithoutOwnership('owner-11', keyOf('owner-11'));
    backend.connect('owner-11');
    assert.deepEqual(await backend.rowsOf('owner-11'), [confirmed(keyOf('owner-11'))]);
  });

  it('confirms a key that is sent again once the vault has it', async () => {
    const backend = getBackend();
    await backend.claimWithoutOwnership('owner-12', keyOf('owner-12'));
    const { status, text } = await backend.store('owner-12', backend.connect('owner-12'));
    assert.equal(status, 200, text);
    assert.deepEqual(await backend.rowsOf('owner-12'), [confirmed(keyOf('owner-12'))]);
  });

  it('takes platform and environment from the vault', async () => {
    const backend = getBackend();
    const key = keyOf('owner-13');
    const claimed = { platform: 'slack', environment: 'live' };
    const claim = { ...connectionOf(key), ...claimed };
    assert.equal((await backend.store('owner-13', claim)).status, 202);
    assert.deepEqual(await backend.rowsOf('owner-13'), [{ ...unconfirmed(key), ...claimed }]);
    backend.connect('owner-13');
    assert.deepEqual(await backend.rowsOf('owner-13'), [confirmed(key)]);
    assert.equal((await backend.store('owner-13', { ...claim, state: 'failed' })).status, 200);
    assert.deepEqual(await backend.rowsOf('owner-13'), [{ ...confirmed(key), state: 'failed' }]);

    const { status, text } = await backend.store('owner-14', {
      ...backend.connect('owner-14'),
      ...claimed,
    });
    assert.equal(status, 201);
    const { platform, environment } = JSON.parse(text) as Row;
    assert.deepEqual({ platform, environment }, { platform: 'gmail', environment: 'test' });
    assert.deepEqual(await backend.rowsOf('owner-14'), [confirmed(keyOf('owner-14'))]);
  });

  it('treats a row of the vault without an identity type as a user’s', async () => {
    const backend = getBackend();
    backend.pica.identitiesWithoutType.add('owner-15');
    assert.equal((await backend.store('owner-15', backend.connect('owner-15'))).status, 201);
  });
}

/** Adds tests that depend on timing, and so have to run apart from the others. */
export function testFloods(getBackend: () => BackendUnderTest): void {
  /** Without a time limit, a request that is lost would make these tests wait forever. */
  const timeout = 60_000;
  const claims = (user: string, length: number, signal?: AbortSignal) =>
    Array.from({ length }, (_, index) =>
      getBackend().request(connectionsPath, {
        method: 'POST',
        user,
        body: connectionOf(`${keyOf(user)}${index}`),
        ...(signal && { signal }),
      }),
    );

  it('lets no other user wait while one user claims many keys', { timeout }, async (test) => {
    const backend = getBackend();
    const finished: string[] = [];
    const flood = claims('mallory', 60).map(async (response) => {
      const { status, headers } = await response;
      finished.push('mallory');
      if (status === 429) assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      return status;
    });
    await backend.pica.waitForRequests('mallory', test.signal);
    const { status } = await backend.requestToken(backend.credential('token', 'alice'));
    finished.push('alice');
    assert.equal(status, 200);
    const statuses = await Promise.all(flood);
    assert.notEqual(finished.at(-1), 'alice');
    // All claims together get lookups for ten seconds, and the number of unconfirmed rows is limited.
    assert.ok(Number(backend.pica.requestCounts.get('mallory')) <= 12);
    assert.equal(statuses.filter((status) => status === 202).length, 20);
    assert.equal(statuses.filter((status) => status === 429).length, 40);
    assert.equal((await backend.rowsOf('mallory')).length, 20);
  });

  it('starts no more lookups for clients that disconnect', { timeout }, async (test) => {
    const { pica } = getBackend();
    const leaving = new AbortController();
    const abandonedClaims = Promise.allSettled(claims('quitter', 20, leaving.signal));
    await pica.waitForRequests('quitter', test.signal);
    leaving.abort();
    await abandonedClaims;
    // This takes as long as the lookups for the other clients would have taken.
    await getBackend().claimWithoutOwnership('stayer', keyOf('stayer'));
    assert.ok(Number(pica.requestCounts.get('quitter')) <= 12);
  });

  it('stops a lookup when the client disconnects', { timeout }, async (test) => {
    const backend = getBackend();
    if (!disconnectAware.includes(backend.name)) {
      test.skip('Its framework does not report that a client has disconnected.');
      return;
    }
    const leaving = new AbortController();
    const [claim] = claims('leaver', 1, leaving.signal);
    await backend.pica.waitForRequests('leaver', test.signal);
    leaving.abort();
    await assert.rejects(claim ?? Promise.resolve());
    await backend.claimWithoutOwnership('stayer-2', keyOf('stayer-2'));
    assert.ok(Number(backend.pica.requestCounts.get('leaver')) <= 2);
  });

  it(
    'does not store a connection that was deleted during its lookup',
    { timeout },
    async (test) => {
      const backend = getBackend();
      const gmail = backend.connect('hasty');
      let openGate = () => {};
      backend.pica.responseGates.set('hasty', new Promise((resolve) => (openGate = resolve)));
      const storing = backend.store('hasty', gmail);
      await backend.pica.waitForRequests('hasty', test.signal);
      assert.equal((await backend.delete('hasty', gmail.connection_key)).status, 204);
      openGate();
      const { status, text } = await storing;
      assert.equal(status, 404, text);
      assert.deepEqual(await backend.rowsOf('hasty'), []);
    },
  );
}
