import { expect } from '@open-wc/testing';
import { mountList, nextEvent, part, stage } from '../fixtures/elements.js';
import { connection, textOf } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, nextRequest, release, uniqueName } from '../fixtures/servers/puppet-client.js';

describe('<pica-connections-list>', () => {
  describe('has views that', () => {
    it('have a heading that the page can replace', async () => {
      const list = await mountList();
      expect(list.shadowRoot?.querySelector('h2')?.textContent).to.equal('Connections');
      list.innerHTML = '<h3 slot="heading">Accounts</h3>';
      expect(list.shadowRoot?.querySelector('slot')?.assignedElements()).to.have.length(1);
    });

    it('have an empty state that the page can replace', async () => {
      const list = await mountList();
      expect(textOf(list)).to.contain('Nothing is connected yet');
      list.innerHTML = '<p slot="empty">Start with Gmail</p>';
      const slot = list.shadowRoot?.querySelector<HTMLSlotElement>('slot[name="empty"]');
      expect(slot?.assignedElements()).to.have.length(1);
    });

    for (const scheme of ['light', 'dark']) {
      describe(`in the ${scheme} color scheme`, () => {
        beforeEach(() => {
          stage.style.cssText = `color-scheme: ${scheme}; background: Canvas; color: CanvasText`;
        });
        afterEach(() => {
          stage.removeAttribute('style');
        });

        const states = ['operational', 'degraded', 'failed', 'unknown'] as const;
        const inEachState = states.map((state) =>
          connection({ key: state, state, environment: 'test', name: `Me, ${state}` }),
        );
        const checked = connection({ key: 'checked', confirmed: false, name: 'Me, checked' });
        const integrations = ['Email', 'Notes', undefined].map((category, index) => ({
          platform: `p${String(index)}`,
          name: `Offer ${String(index)}`,
          description: 'What it does',
          category,
        }));

        it('pass axe with rows, offers, search and a confirmation', async () => {
          const list = await mountList({
            connections: [
              checked,
              ...inEachState,
              ...inEachState.map((row) => ({ ...row, key: `${row.key} 2` })),
            ],
            integrations: integrations,
          });
          await expect(list).to.be.accessible();
          list.shadowRoot?.querySelector<HTMLElement>('[data-action="ask"]')?.click();
          await list.updateComplete;
          await expect(list).to.be.accessible();
          const field = part(list, 'search').querySelector('input');
          if (field) field.value = 'nothing like it';
          field?.dispatchEvent(new InputEvent('input', { bubbles: true }));
          await list.updateComplete;
          await expect(list).to.be.accessible();
        });

        it('pass axe when empty, loading, failed and partly failed', async () => {
          const empty = await mountList();
          await expect(empty).to.be.accessible();
          const scope = uniqueName();
          await control(scope, {
            behaviour: [
              { path: 'connections', hold: true, times: 1 },
              { path: 'integrations', status: 500 },
            ],
          });
          const list = await mountList({
            connectionsUrl: `${endpoints}/${scope}/connections`,
            integrationsUrl: `${endpoints}/${scope}/integrations`,
          });
          await nextRequest(scope, { path: 'connections', state: 'held' });
          await expect(list).to.be.accessible();
          const loaded = nextEvent('pica-load');
          await release(scope);
          await loaded;
          await list.updateComplete;
          await expect(list).to.be.accessible();
          await control(scope, { behaviour: [{ path: 'connections', status: 500 }] });
          await list.refresh();
          await list.updateComplete;
          await expect(list).to.be.accessible();
        });

        it('have targets of at least 24 px', async () => {
          const list = await mountList({
            connections: inEachState,
            integrations: integrations,
          });
          for (const target of list.shadowRoot?.querySelectorAll('button, input, select') ?? []) {
            const { width, height } = target.getBoundingClientRect();
            expect(Math.min(width, height)).to.be.at.least(24);
          }
        });
      });
    }
  });
});
