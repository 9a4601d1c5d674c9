import { expect } from '@open-wc/testing';
import { mountList, nextEvent } from './fixtures.js';

/** What the list makes of a row: the normaliser through the public surface. */
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

  it('that lacks an environment has that of its key', async () => {
    expect(await read({ key: 'test::exa::x', platform: 'exa' })).to.include({
      environment: 'test',
    });
    expect(await read({ key: 'testing', platform: 'exa' })).to.include({ environment: 'live' });
  });

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

  it('keeps no time that is none', async () => {
    const connection = await read({ key: 'k', platform: 'p', createdAt: 'yesterday' });
    expect(connection).to.not.have.property('createdAt');
  });

  for (const row of [null, 7, 'text', [], {}, { key: 'k' }, { platform: 'p' }, { key: 7 }]) {
    it(`is refused when it is ${JSON.stringify(row)}, and the others are kept`, async () => {
      const heard = nextEvent('pica-error');
      const list = await mountList({ connections: [row, { key: 'k', platform: 'p' }] as never });
      const { error } = (await heard).detail;
      expect(error.code).to.equal('connection-invalid');
      expect(error.hint).to.contain('"key"');
      expect(list.connections.map(({ key }) => key)).to.deep.equal(['k']);
    });
  }
});
