import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  confirmed,
  connectionOf,
  connectionsPath,
  unconfirmed,
  type BackendUnderTest,
  type Row,
} from './backend-under-test.js';
import { noticing } from './failing-pica.js';
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

  it('finds a key on the last of 24 pages of the vault, and looks no further than it has to', async () => {
    const backend = under();
    const oldest = backend.connect('owner-9');
    for (let newer = 0; newer < 2300; newer++) backend.connect('owner-9', `${keyOf('9')}${newer}`);
    const newest = connectionOf(`${keyOf('9')}2299`);
    assert.equal((await backend.store('owner-9', newest)).status, 201);
    assert.equal(backend.pica.asked.get('owner-9'), 1);
    assert.equal((await backend.store('owner-9', oldest)).status, 201);
    assert.equal(backend.pica.asked.get('owner-9'), 25);
    assert.equal((await backend.delete('owner-9', `${keyOf('9')}none`)).status, 404);
    assert.equal((await backend.delete('owner-9', oldest.connection_key)).status, 204);
    assert.deepEqual(await backend.rowsOf('owner-9'), [confirmed(newest.connection_key)]);
  });

  it('confirms in the list what is on the last of 24 pages of the vault', async () => {
    const backend = under();
    await backend.claimInVain('owner-16', keyOf('owner-16'));
    backend.connect('owner-16');
    for (let newer = 0; newer < 2300; newer++)
      backend.connect('owner-16', `${keyOf('16')}${newer}`);
    assert.deepEqual(await backend.rowsOf('owner-16'), [confirmed(keyOf('owner-16'))]);
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

  it('takes platform and environment from the vault', async () => {
    const backend = under();
    const key = keyOf('owner-13');
    const said = { platform: 'slack', environment: 'live' };
    const claim = { ...connectionOf(key), ...said };
    assert.equal((await backend.store('owner-13', claim)).status, 202);
    assert.deepEqual(await backend.rowsOf('owner-13'), [{ ...unconfirmed(key), ...said }]);
    backend.connect('owner-13');
    assert.deepEqual(await backend.rowsOf('owner-13'), [confirmed(key)]);
    assert.equal((await backend.store('owner-13', { ...claim, state: 'failed' })).status, 200);
    assert.deepEqual(await backend.rowsOf('owner-13'), [{ ...confirmed(key), state: 'failed' }]);

    const { status, text } = await backend.store('owner-14', {
      ...backend.connect('owner-14'),
      ...said,
    });
    assert.equal(status, 201);
    const { platform, environment } = JSON.parse(text) as Row;
    assert.deepEqual({ platform, environment }, { platform: 'gmail', environment: 'test' });
    assert.deepEqual(await backend.rowsOf('owner-14'), [confirmed(keyOf('owner-14'))]);
  });

  it('counts a row of the vault without a type as a user’s', async () => {
    const backend = under();
    backend.pica.untyped.add('owner-15');
    assert.equal((await backend.store('owner-15', backend.connect('owner-15'))).status, 201);
  });
}

/** Run apart from the others, so that these wait for nobody but themselves. */
export function floodWithClaims(under: () => BackendUnderTest): void {
  /** Waits until Pica is asked for somebody's connections. */
  const isAsked = async (user: string) => {
    while (!under().pica.asked.has(user)) await sleep(20);
  };
  const claims = (user: string, length: number, signal?: AbortSignal) =>
    Array.from({ length }, (_, index) =>
      under().ask(connectionsPath, {
        method: 'POST',
        as: user,
        body: connectionOf(`${keyOf(user)}${index}`),
        ...(signal && { signal }),
      }),
    );

  it('makes nobody wait for somebody who claims many keys', async () => {
    const backend = under();
    const ends: string[] = [];
    const flood = claims('mallory', 60).map(async (answer) => {
      const { status, headers } = await answer;
      ends.push('mallory');
      if (status === 429) assert.match(headers.get('retry-after') ?? '', /^\d+$/);
      return status;
    });
    await isAsked('mallory');
    const { status } = await backend.askForToken(backend.credential('token', 'alice'));
    ends.push('alice');
    assert.equal(status, 200);
    const statuses = await Promise.all(flood);
    assert.notEqual(ends.at(-1), 'alice');
    // One look of ten seconds, however many are claimed, and no more rows than can be looked at.
    assert.ok(Number(backend.pica.asked.get('mallory')) <= 12);
    assert.equal(statuses.filter((status) => status === 202).length, 20);
    assert.equal(statuses.filter((status) => status === 429).length, 40);
    assert.equal((await backend.rowsOf('mallory')).length, 20);
  });

  it('looks no more often for clients that leave', async () => {
    const { pica } = under();
    const leaving = new AbortController();
    const left = Promise.allSettled(claims('quitter', 20, leaving.signal));
    await isAsked('quitter');
    leaving.abort();
    await left;
    // Somebody who stays has been waiting for as long as they would have.
    await under().claimInVain('stayer', keyOf('stayer'));
    assert.ok(Number(pica.asked.get('quitter')) <= 12);
  });

  it('stops looking when the client leaves', async (test) => {
    const backend = under();
    if (!noticing.includes(backend.name)) {
      test.skip('It is not told who has left.');
      return;
    }
    const leaving = new AbortController();
    const [claim] = claims('leaver', 1, leaving.signal);
    await isAsked('leaver');
    leaving.abort();
    await assert.rejects(claim ?? Promise.resolve());
    await backend.claimInVain('stayer-2', keyOf('stayer-2'));
    assert.ok(Number(backend.pica.asked.get('leaver')) <= 2);
  });

  it('leaves out what was deleted while it looked', async () => {
    const backend = under();
    const gmail = backend.connect('hasty');
    let open = () => {};
    backend.pica.gates.set('hasty', new Promise((resolve) => (open = resolve)));
    const storing = backend.store('hasty', gmail);
    await isAsked('hasty');
    assert.equal((await backend.delete('hasty', gmail.connection_key)).status, 204);
    open();
    const { status, text } = await storing;
    assert.equal(status, 404, text);
    assert.deepEqual(await backend.rowsOf('hasty'), []);
  });
}
