import { expect } from '@open-wc/testing';
import type { Connection } from '../../src/classes.js';
import { mountList, nextEvent } from '../fixtures/elements.js';
import { connection, offers, rows } from '../fixtures/list.js';

describe('hostile rows', () => {
  const show = async (...connections: unknown[]) =>
    mountList({ connections: connections as Connection[] });

  it('with markup, scripts and control characters are shown as text', async () => {
    const list = await show(
      connection({ key: '1', platform: '<b>x</b>', name: '<img src=x onerror=alert(1)>' }),
      connection({ key: '2', name: '\u202Egpj.exe' }),
      connection({ key: '"><script>', name: 'quote' }),
    );
    expect(list.shadowRoot?.querySelectorAll('b, script, img')).to.have.length(0);
    expect(rows(list)).to.have.length(3);
    const account = rows(list).flatMap((row) => [...row.querySelectorAll('bdi')]);
    expect(account.some(({ textContent }) => textContent.startsWith('\u202E'))).to.equal(true);
  });

  it('with a name of a megabyte are shortened', async () => {
    const list = await show(connection({ name: 'x'.repeat(1_000_000) }));
    expect(rows(list)[0]?.textContent.length).to.be.lessThan(2000);
    expect(list.connections[0]?.name?.length).to.equal(1_000_000);
  });

  it('with the same key are shown once', async () => {
    const list = await show(connection({ name: 'first' }), connection({ name: 'second' }));
    expect(rows(list)).to.have.length(1);
    expect(rows(list)[0]?.textContent).to.contain('first');
  });

  it('with prototypes and traps are refused or shown, and change nothing else', async () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    const errorEvent = nextEvent('pica-error');
    const list = await show(
      JSON.parse('{"key":"1","platform":"gmail","__proto__":{"polluted":true}}'),
      connection({ key: '2', platform: 'constructor' }),
      connection({ key: '3', platform: '__proto__' }),
      trap,
    );
    expect((await errorEvent).detail.error.code).to.equal('connection-invalid');
    expect(rows(list)).to.have.length(3);
    expect(({} as { polluted?: boolean }).polluted).to.equal(undefined);
  });

  it('work by the hundred thousand', async function () {
    this.timeout(120_000);
    const list = await show(
      ...Array.from({ length: 100_000 }, (_, index) => connection({ key: String(index) })),
    );
    expect(rows(list)).to.have.length(100_000);
    list.connections = [];
    await list.updateComplete;
    expect(rows(list)).to.have.length(0);
  });

  it('of two platforms with one name are kept apart', async () => {
    const list = await mountList({
      connections: ['a', 'b', 'a', 'b'].map((platform, index) =>
        connection({ key: String(index), platform }),
      ),
      integrations: ['a', 'b'].map((platform) => ({ platform, name: 'Mail' })),
    });
    const keys = rows(list).map(({ dataset }) => dataset.key);
    expect(keys).to.deep.equal(['0', '2', '1', '3']);
  });

  it('among the integrations are dropped, and the others are shown', async () => {
    const list = await mountList();
    list.integrations = [
      new Proxy({} as never, {
        get: () => {
          throw new Error('trap');
        },
      }),
      { platform: 'x', name: 'X'.repeat(1_000_000), category: 'C'.repeat(1_000_000) },
      ...Array.from({ length: 9 }, (_, index) => ({ platform: `p${String(index)}`, name: 'P' })),
    ];
    await list.updateComplete;
    expect(offers(list)).to.have.length(10);
    expect(list.shadowRoot?.textContent.length).to.be.lessThan(3000);
  });

  it('that are not in an array cause an error', async () => {
    const errorEvent = nextEvent('pica-error');
    const list = await mountList();
    list.connections = { rows: [connection()] } as never;
    list.integrations = { rows: [] } as never;
    const { error } = (await errorEvent).detail;
    expect(error.code).to.equal('connection-invalid');
    expect(error.hint).to.contain('array');
    expect(rows(list)).to.have.length(0);
  });

  it('that are null or undefined are an empty list', async () => {
    for (const connections of [null, undefined]) {
      const list = await mountList();
      list.connections = connections;
      await list.updateComplete;
      expect(rows(list)).to.have.length(0);
    }
  });
});
