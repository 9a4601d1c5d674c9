import { expect } from '@open-wc/testing';
import { mountList, nextEvent } from './fixtures/elements.js';

/** Passes a row through the list, whose property is the public way to the normalizer. */
const read = async (row: unknown) => {
  const list = await mountList({ connections: [row] as never });
  return list.connections[0];
};

describe('a connection', () => {
  it("is read from AuthKit's ConnectionRecord", async () => {
    const connection = await read({
      _id: '665f',
      key: 'test::gmail::default::abc|user-1',
      platform: 'gmail',
      environment: 'test',
      name: 'Work mail',
      identity: 'user-1',
      identityType: 'user',
      createdAt: 1_760_000_000_000,
      tags: ['a', 7, 'b'],
      active: true,
      platformVersion: '1.0.0',
    });
    expect(connection).to.deep.equal({
      id: '665f',
      key: 'test::gmail::default::abc|user-1',
      platform: 'gmail',
      environment: 'test',
      state: 'operational',
      name: 'Work mail',
      identity: 'user-1',
      identityType: 'user',
      createdAt: '2025-10-09T08:53:20.000Z',
      tags: ['a', 'b'],
      active: true,
      platformVersion: '1.0.0',
    });
  });

  it('is read from a row of the Vault API', async () => {
    const connection = await read({
      id: 'uuid',
      key: 'live::slack::default::abc',
      platform: 'slack',
      environment: 'live',
      state: 'degraded',
      createdAt: '2026-01-02T03:04:05Z',
    });
    expect(connection).to.include({
      id: 'uuid',
      state: 'degraded',
      createdAt: '2026-01-02T03:04:05.000Z',
    });
  });

  it("is read from a row of the host's table", async () => {
    const connection = await read({
      id: 7,
      connection_key: 'live::slack::default::abc',
      platform: 'slack',
      created_at: '2026-01-02 03:04:05+00',
    });
    expect(connection).to.deep.equal({
      id: '7',
      key: 'live::slack::default::abc',
      platform: 'slack',
      environment: 'live',
      state: 'operational',
      createdAt: '2026-01-02T03:04:05.000Z',
    });
  });

  for (const name of ['__proto__', 'constructor', 'prototype']) {
    it(`has no property ${name} at any depth`, async () => {
      const bad = `"${name}": {"isAdmin": true}`;
      const row = JSON.parse(`{
        "key": "live::a::b", "platform": "a", ${bad},
        "meta": {${bad}, "list": [{${bad}, "kept": 1}], "date": 2}
      }`) as { meta: Record<string, unknown> };
      // The row may also contain itself, and objects that aren't plain data.
      const epoch = new Date(0);
      Object.assign(row.meta, { self: row.meta, epoch });
      const { meta, ...connection } = { ...(await read(row)) };
      expect(Object.keys(connection)).not.to.include(name);
      expect(Object.getPrototypeOf(connection)).to.equal(Object.prototype);
      const { list, date, self, ...rest } = meta as typeof row.meta;
      expect({ list, date, ...rest }).to.deep.equal({ list: [{ kept: 1 }], date: 2, epoch });
      expect(Object.keys((list as object[])[0] ?? {})).to.deep.equal(['kept']);
      expect(self).to.equal(meta);
      // The page's own object must not change.
      expect(Object.hasOwn(row.meta, name)).to.equal(true);
    });
  }

  it('drops all values in which such a property could hide', async () => {
    const bad = { ['constructor']: { isAdmin: true } };
    const cause = new Error('x', { cause: bad });
    const hidden = { map: new Map([['a', bad]]), set: new Set([bad]), cause, call: () => bad };
    const bare = Object.assign(Object.create(null) as object, bad, { kept: 1 });
    const row = { key: 'live::a::b', platform: 'a', ...hidden, more: [hidden], bare };
    const { bare: copy, ...connection } = { ...(await read(row)) };
    expect(JSON.parse(JSON.stringify(connection))).to.deep.equal({
      ...{ key: 'live::a::b', platform: 'a', environment: 'live', state: 'operational' },
      more: [{}],
    });
    expect(Object.keys(copy as object)).to.deep.equal(['kept']);
    for (const name of Object.keys(hidden)) expect(connection[name]).to.equal(undefined);
  });

  it('without an environment takes it from its key', async () => {
    expect(await read({ key: 'test::exa::x', platform: 'exa' })).to.include({
      environment: 'test',
    });
    expect(await read({ key: 'testing', platform: 'exa' })).to.include({ environment: 'live' });
    expect(await read({ key: 'latest::exa', platform: 'exa' })).to.include({ environment: 'live' });
  });

  for (const [environment, expected] of [
    ['test', 'test'],
    ['TEST', 'test'],
    ['sandbox', 'live'],
    ['latest', 'live'],
    ['', 'test'],
    [7, 'test'],
  ] as const) {
    it(`with a test key and the environment ${JSON.stringify(environment)} is ${expected}`, async () => {
      const connection = await read({ key: 'test::exa::x', platform: 'exa', environment });
      expect(connection).to.have.property('environment', expected);
    });
  }

  for (const [row, state] of [
    [{}, 'operational'],
    [{ active: true }, 'operational'],
    [{ active: false }, 'failed'],
    [{ active: false, state: 'operational' }, 'operational'],
    [{ state: 'failed' }, 'failed'],
    [{ state: 'exploded' }, 'unknown'],
    [{ state: 7 }, 'unknown'],
    [{ state: null }, 'operational'],
  ] as const) {
    it(`with ${JSON.stringify(row)} is ${state}`, async () => {
      expect(await read({ key: 'k', platform: 'p', ...row })).to.have.property('state', state);
    });
  }

  it('with a Date as its time is accepted', async () => {
    const createdAt = new Date('2026-01-02T03:04:05Z');
    const connection = await read({ key: 'k', platform: 'p', createdAt });
    expect(connection).to.have.property('createdAt', '2026-01-02T03:04:05.000Z');
  });

  for (const [description, value] of [
    ['an empty string', ''],
    ['a boolean', true],
  ] as const) {
    it(`lacks each field that is ${description}`, async () => {
      const connection = await read({
        ...{ key: 'k', platform: 'p', environment: value, id: value, name: value },
        ...{ identity: value, identityType: value, createdAt: value, tags: value },
      });
      expect(connection).to.deep.equal({
        ...{ key: 'k', platform: 'p', environment: 'live', state: 'operational' },
      });
    });
  }

  for (const [description, createdAt, iso] of [
    ['a database time without a zone', '2026-11-29 00:20:00', '2026-11-29T00:20:00.000Z'],
    ['ISO 8601 without a zone', '2026-11-29T00:20:00', '2026-11-29T00:20:00.000Z'],
    ['without a zone or seconds', '2026-11-29 00:20', '2026-11-29T00:20:00.000Z'],
    ['with fractions and no zone', '2026-11-29 00:20:00.123456', '2026-11-29T00:20:00.123Z'],
    ['in another zone', '2026-11-29T02:20:00+02:00', '2026-11-29T00:20:00.000Z'],
    ['a date', '2026-11-29', '2026-11-29T00:00:00.000Z'],
    ['seconds', 1_764_374_400, '2025-11-29T00:00:00.000Z'],
    ['seconds as text', '1764374400', '2025-11-29T00:00:00.000Z'],
    ['seconds with fractions', '1764374400.25', '2025-11-29T00:00:00.250Z'],
    ['milliseconds', 1_764_374_400_000, '2025-11-29T00:00:00.000Z'],
    ['milliseconds as text', '1764374400000', '2025-11-29T00:00:00.000Z'],
  ] as const) {
    it(`has a time in UTC if it is ${description}`, async () => {
      const connection = await read({ key: 'k', platform: 'p', createdAt });
      expect(connection).to.have.property('createdAt', iso);
    });
  }

  // Zero values of SQL defaults, Go, .NET and MySQL.
  const zeros = [0, '0', -1, '0001-01-01T00:00:00Z', '0000-00-00 00:00:00', '1970-01-01 00:00:00'];
  for (const createdAt of ['yesterday', ' ', Infinity, 9e15, ...zeros]) {
    it(`has no time if it is ${JSON.stringify(createdAt)}`, async () => {
      const connection = await read({ key: 'k', platform: 'p', createdAt });
      expect(connection).to.not.have.property('createdAt');
    });
  }

  for (const [confirmed, expected] of [
    [false, false],
    [true, true],
    // MySQL and SQLite store booleans as numbers.
    [0, false],
    [1, true],
    [null, undefined],
    ['false', undefined],
  ] as const) {
    it(`has confirmed: ${String(expected)} if the row has ${JSON.stringify(confirmed)}`, async () => {
      expect((await read({ key: 'k', platform: 'p', confirmed }))?.confirmed).to.equal(expected);
    });
  }

  for (const row of [
    ...[null, 7, 'text', [], {}, { key: 'k' }, { platform: 'p' }, { key: 7, platform: 'p' }],
    ...[
      { key: '', platform: 'p' },
      { key: 'l', platform: '' },
      { key: 'l', platform: 7 },
    ],
  ]) {
    it(`is refused if it is ${JSON.stringify(row)}, and the others are kept`, async () => {
      const errorEvent = nextEvent('pica-error');
      const list = await mountList({ connections: [row, { key: 'k', platform: 'p' }] as never });
      const { error } = (await errorEvent).detail;
      expect(error.code).to.equal('connection-invalid');
      const isObject = typeof row === 'object' && row !== null;
      expect(error.message).to.contain(isObject ? 'came without a' : 'is not one');
      expect(error.hint).to.contain('"key"');
      expect(error.cause).to.equal(row);
      expect(list.connections.map(({ key }) => key)).to.deep.equal(['k']);
    });
  }
});
