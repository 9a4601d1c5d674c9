import { expect } from '@open-wc/testing';
import { mountList, nextEvent, recordEvents, until } from '../fixtures/elements.js';
import { button, connection, loadList, nameOf, offers, integrations } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, uniqueName } from '../fixtures/servers/puppet-client.js';

describe('offers', () => {
  it('are what is not connected yet, below their categories', async () => {
    const list = await mountList({ connections: [connection()], integrations });
    expect(offers(list).map(nameOf)).to.deep.equal(['Outlook', 'Évernote', 'Notion', 'Zapier']);
    const headings = [...(list.shadowRoot?.querySelectorAll('h4') ?? [])];
    expect(headings.map(({ textContent }) => textContent)).to.deep.equal([
      'Email',
      'Notes',
      'More',
    ]);
  });

  it('are read from integrations-url', async () => {
    const scope = uniqueName();
    await control(scope, { integrations: { rows: integrations } });
    const list = await loadList(scope, { integrationsUrl: `${endpoints}/${scope}/integrations` });
    await until(() => offers(list).length === 5);
  });

  it('open AuthKit at the integration', async () => {
    const list = await mountList({ integrations, tokenUrl: '/token', baseUrl: 'about:blank' });
    const asked = nextEvent('pica-connect');
    const opened = nextEvent('pica-open');
    button(list, 'Connect Notion').click();
    const { detail } = await asked;
    expect(detail).to.deep.equal({
      integration: { platform: 'notion', name: 'Notion', category: 'Notes' },
      connection: null,
    });
    expect((await opened).detail.selectedConnection).to.equal('Notion');
  });

  it('leave that to the host when pica-connect is prevented', async () => {
    const list = await mountList({ integrations, tokenUrl: '/token' });
    list.addEventListener('pica-connect', (event) => {
      event.preventDefault();
    });
    const { names } = recordEvents(list);
    button(list, 'Connect Notion').click();
    await list.updateComplete;
    expect(names).to.deep.equal([]);
  });
});
