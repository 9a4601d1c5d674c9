import { expect } from '@open-wc/testing';
import { mountList } from './fixtures/elements.js';

describe('an integration', () => {
  /** Passes a row through the list, whose property is the public way to the normalizer. */
  const readIntegration = async (row: unknown) => {
    const list = await mountList({ integrations: [row] as never });
    return list.integrations[0];
  };

  it('is read from a row of available-connectors', async () => {
    const integration = await readIntegration({
      ...{ id: 7, platform: 'gmail', name: 'Gmail', key: 'gmail', tags: [], oauth: true },
      ...{ category: 'Email', image: 'HTTPS://example.com/gmail.svg', description: 'Mail' },
    });
    expect(integration).to.deep.equal({
      ...{ platform: 'gmail', name: 'Gmail', category: 'Email' },
      ...{ image: 'HTTPS://example.com/gmail.svg', description: 'Mail' },
    });
  });

  for (const value of ['', 7]) {
    it(`lacks each field that is ${JSON.stringify(value)}`, async () => {
      const integration = await readIntegration({
        ...{ platform: 'p', name: value, category: value, image: value, description: value },
      });
      expect(integration).to.deep.equal({ platform: 'p', name: 'P' });
    });
  }

  for (const image of ['javascript:void "http://x"', 'http:x', 'ftp://example.com/x', '/x.svg']) {
    it(`has no image if its URL is ${image}`, async () => {
      const integration = await readIntegration({ platform: 'p', image });
      expect(integration).to.not.have.property('image');
    });
  }

  it('can have an image at an http URL', async () => {
    const integration = await readIntegration({ platform: 'p', image: 'http://x/p.svg' });
    expect(integration).to.have.property('image', 'http://x/p.svg');
  });

  for (const [platform, name] of [
    ['google-calendar', 'Google Calendar'],
    ['a--b__c', 'A B C'],
    ['éxa', 'Éxa'],
    ['x11-xAPI', 'X11 XAPI'],
  ] as const) {
    it(`with only the platform "${platform}" is named ${name}`, async () => {
      expect(await readIntegration({ platform })).to.deep.equal({ platform, name });
    });
  }

  for (const row of [
    null,
    undefined,
    'gmail',
    7,
    {},
    { platform: '' },
    { platform: 7, name: 'x' },
  ]) {
    it(`is dropped if it is ${JSON.stringify(row)}`, async () => {
      const list = await mountList({ integrations: [row, { platform: 'p', name: 'P' }] as never });
      expect(list.integrations).to.deep.equal([{ platform: 'p', name: 'P' }]);
    });
  }

  it('is dropped if an earlier one has the same platform', async () => {
    const list = await mountList({
      integrations: ['first', 'second'].map((name) => ({ platform: 'p', name })),
    });
    expect(list.integrations).to.deep.equal([{ platform: 'p', name: 'first' }]);
  });
});
