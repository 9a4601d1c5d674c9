import { expect } from '@open-wc/testing';
import { mountList, part, until } from '../fixtures/elements.js';
import {
  button,
  connection,
  focused,
  loadList,
  nameOf,
  offers,
  rows,
  announcement,
  integrations,
} from '../fixtures/list.js';
import { control, nextRequest, uniqueName } from '../fixtures/servers/puppet-client.js';

const twelveConnections = Array.from({ length: 12 }, (_, index) =>
  connection({ key: `k${String(index)}`, platform: 'slack', name: `Space ${String(index)}` }),
);

const search = async (list: Awaited<ReturnType<typeof mountList>>, query: string) => {
  const field = part(list, 'search').querySelector('input');
  if (!field) throw new Error('There is no search field');
  field.value = query;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  await list.updateComplete;
};

describe('search', () => {
  it('is shown for more than eight rows', async () => {
    const list = await mountList({ connections: twelveConnections.slice(0, 8) });
    expect(list.shadowRoot?.querySelector('[part="search"]')).to.equal(null);
    list.connections = twelveConnections.slice(0, 9);
    await list.updateComplete;
    expect(part(list, 'search').querySelector('input')?.ariaLabel).to.equal('Search connections');
  });

  for (const [query, found] of [
    ['space 11', ['Slack']],
    ['SLACK', Array<string>(12).fill('Slack')],
    ['évernote', ['Évernote']],
    ['evernote', ['Évernote']],
    ['notes', ['Évernote', 'Notion']],
    ['  notes  NOTION ', ['Notion']],
  ] as const) {
    it(`finds "${query}" by name, account, platform or category`, async () => {
      const list = await mountList({ connections: twelveConnections, integrations });
      await search(list, query);
      expect([...rows(list), ...offers(list)].map(nameOf)).to.deep.equal(found);
      expect(announcement(list)).to.equal(`${String(found.length)} found`);
    });
  }

  it('can be limited to a category', async () => {
    const list = await mountList({ connections: twelveConnections, integrations });
    const select = part(list, 'search').querySelector('select');
    if (!select) throw new Error('There is no filter');
    expect([...select.options].map(({ value }) => value)).to.deep.equal(['', 'Email', 'Notes']);
    select.value = 'Email';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await list.updateComplete;
    expect([...rows(list), ...offers(list)].map(nameOf)).to.deep.equal(['Gmail', 'Outlook']);
  });

  const chooseCategory = async (list: Awaited<ReturnType<typeof mountList>>, category: string) => {
    const select = part(list, 'search').querySelector('select');
    if (!select) throw new Error('There is no filter');
    select.value = category;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await list.updateComplete;
  };

  it('resets a category that has disappeared', async () => {
    const list = await mountList({ connections: twelveConnections, integrations });
    await chooseCategory(list, 'Email');
    expect(rows(list)).to.have.length(0);
    list.integrations = integrations.filter(({ category }) => category !== 'Email');
    await list.updateComplete;
    expect(rows(list)).to.have.length(12);
    expect(list.shadowRoot?.querySelectorAll('[part="message"]')).to.have.length(0);
  });

  it('keeps showing the chosen category, even if it is the only one left', async () => {
    const list = await mountList({ connections: twelveConnections, integrations });
    await chooseCategory(list, 'Email');
    list.integrations = integrations.slice(0, 2);
    await list.updateComplete;
    expect(part(list, 'search').querySelector('select')?.value).to.equal('Email');
  });

  it('names the filter if nothing matches', async () => {
    const list = await mountList({ connections: twelveConnections, integrations });
    await chooseCategory(list, 'Email');
    await search(list, 'xyz');
    expect(part(list, 'message').textContent).to.contain('Nothing found for “xyz” in “Email”');
  });

  it('offers to show everything if nothing matches', async () => {
    const list = await mountList({ connections: twelveConnections });
    await search(list, 'xyz');
    expect(rows(list)).to.have.length(0);
    expect(part(list, 'message').textContent).to.contain('Nothing found for “xyz”');
    button(list, 'Show all').click();
    await until(() => rows(list).length === 12);
    const field = part(list, 'search').querySelector('input');
    expect(field?.value).to.equal('');
    await until(() => list.shadowRoot?.activeElement === field);
  });

  it('announces no result before the rows have loaded', async () => {
    const scope = uniqueName();
    await control(scope, {
      connections: { rows: twelveConnections },
      behaviour: [
        { path: 'connections', times: 1, body: twelveConnections },
        { path: 'connections', hold: true },
      ],
    });
    const list = await loadList(scope, { requestHeaders: { 'x-user-id': 'ada' } });
    await search(list, 'xyz');
    list.requestHeaders = { 'x-user-id': 'grace' };
    await nextRequest(scope, { state: 'held' });
    await list.updateComplete;
    expect(list.shadowRoot?.textContent).to.not.contain('found');
    expect(announcement(list)).to.equal('Loading connections…');
  });

  it('keeps its field while that has the focus, even with few rows', async () => {
    const list = await mountList({ connections: twelveConnections });
    part(list, 'search').querySelector('input')?.focus();
    await search(list, 'space');
    list.connections = twelveConnections.slice(0, 3);
    await list.updateComplete;
    await search(list, '');
    expect(focused(list)).to.equal('Search connections');
    part(list, 'search').querySelector('input')?.blur();
    await until(() => list.shadowRoot?.querySelector('[part="search"]') === null);
  });

  it('stays visible while it has a query, even with few rows', async () => {
    const list = await mountList({ connections: twelveConnections });
    await search(list, 'space 1');
    list.connections = twelveConnections.slice(0, 3);
    await list.updateComplete;
    expect(part(list, 'search')).to.not.equal(null);
    expect(rows(list).map((row) => row.textContent)).to.have.length(1);
  });
});
