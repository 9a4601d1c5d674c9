import { expect } from '@open-wc/testing';
import { mountList, nextEvent, recordEvents, until } from '../fixtures/elements.js';
import {
  button,
  connection,
  loadList,
  nameOf,
  offers,
  integration,
  integrations,
} from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, uniqueName } from '../fixtures/servers/puppet-client.js';

describe('offers', () => {
  it('are integrations that are not connected, grouped by category', async () => {
    const list = await mountList({ connections: [connection()], integrations });
    expect(offers(list).map(nameOf)).to.deep.equal(['Outlook', 'Évernote', 'Notion', 'Zapier']);
    const headings = [...(list.shadowRoot?.querySelectorAll('h4') ?? [])];
    expect(headings.map(({ textContent }) => textContent)).to.deep.equal([
      'Email',
      'Notes',
      'More',
    ]);
  });

  it('are loaded from integrations-url', async () => {
    const scope = uniqueName();
    await control(scope, { integrations: { rows: integrations } });
    const list = await loadList(scope, { integrationsUrl: `${endpoints}/${scope}/integrations` });
    await until(() => offers(list).length === 5);
  });

  it('open AuthKit with their integration', async () => {
    const list = await mountList({ integrations, tokenUrl: '/token', baseUrl: 'about:blank' });
    const connectEvent = nextEvent('pica-connect');
    const openEvent = nextEvent('pica-open');
    button(list, 'Connect Notion').click();
    const { detail } = await connectEvent;
    expect(detail).to.deep.equal({
      integration: { platform: 'notion', name: 'Notion', category: 'Notes' },
      connection: null,
    });
    expect((await openEvent).detail.selectedConnection).to.equal('Notion');
  });

  it('do not open AuthKit if pica-connect is prevented', async () => {
    const list = await mountList({ integrations, tokenUrl: '/token' });
    list.addEventListener('pica-connect', (event) => {
      event.preventDefault();
    });
    const { names } = recordEvents(list);
    button(list, 'Connect Notion').click();
    await list.updateComplete;
    expect(names).to.deep.equal([]);
  });

  for (const [count, label] of [
    [30, ''],
    [31, 'Offer 0'],
  ] as const) {
    it(`have ${label ? 'names' : 'no names'} for screen readers if there are ${String(count)}`, async () => {
      // Chromium hides the content of rows that it doesn't lay out from screen readers, but not their names.
      const list = await mountList({
        connections: [],
        integrations: Array.from({ length: count }, (_, index) =>
          integration(String(index), `Offer ${String(index)}`, index % 2 ? 'Odd' : 'Even'),
        ),
      });
      const [first] = offers(list);
      expect(first?.ariaLabel).to.equal(label);
      const { contentVisibility } = getComputedStyle(first ?? list);
      expect(contentVisibility).to.equal(label ? 'auto' : 'visible');
    });
  }
});
