import { expect } from '@open-wc/testing';
import {
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  record,
  spyOn,
  stage,
  succeed,
  until,
} from '../fixtures/elements.js';
import { connection, loadList, rows, names } from '../fixtures/list.js';
import { control, requests, uniqueName } from '../fixtures/servers/puppet-client.js';

describe('<pica-connections-list>', () => {
  it('runs no timer while it is not in the document', async () => {
    // A timer that renews itself would otherwise keep every removed list in memory.
    let delaysMs: unknown[] = [];
    const stop = spyOn(window, 'setTimeout', (_, [, milliseconds]) => {
      if (milliseconds === 60_000) delaysMs.push(milliseconds);
    });
    try {
      const scope = uniqueName();
      const row = { connection_key: 'a', platform: 'gmail', created_at: new Date().toISOString() };
      await control(scope, { connections: { rows: [row] } });
      const list = await loadList(scope);
      expect(delaysMs).to.not.deep.equal([]);
      delaysMs = [];
      list.remove();
      await list.updateComplete;
      expect(delaysMs).to.deep.equal([]);
      stage.append(list);
      await list.updateComplete;
      expect(delaysMs).to.not.deep.equal([]);
    } finally {
      stop();
    }
  });

  it('shows connections that need attention first, and sorts the rest by name', async () => {
    const list = await mountList({
      connections: [
        connection({ key: '1', platform: 'zoom' }),
        connection({ key: '2', platform: 'asana' }),
        connection({ key: '3', platform: 'slack', state: 'degraded' }),
        connection({ key: '4', platform: 'notion', state: 'failed' }),
      ],
    });
    expect(names(list)).to.deep.equal(['Notion', 'Slack', 'Asana', 'Zoom']);
  });

  describe('a pica-success anywhere in the document', () => {
    it('refreshes the list once its save has settled', async () => {
      const scope = uniqueName();
      const list = await loadList(scope);
      const button = await mountButton();
      let finishSave!: () => void;
      button.addEventListener('pica-success', (event) => {
        event.waitUntil(new Promise<void>((resolve) => (finishSave = resolve)));
      });
      const { frame } = await openAuthKit(button);
      succeed(frame);
      await nextEvent('pica-success');
      await control(scope, { connections: { rows: [record()] } });
      const loaded = nextEvent('pica-load');
      finishSave();
      await loaded;
      await list.updateComplete;
      expect(names(list)).to.deep.equal(['Gmail']);
      const gets = (await requests(scope)).filter(({ method }) => method === 'GET');
      expect(gets).to.have.length(2);
    });

    it('adds a single row if the page provides the data', async () => {
      const connections = [connection({ key: 'live::slack::x', platform: 'slack' })];
      const list = await mountList({ connections: connections });
      const button = await mountButton();
      for (let opening = 0; opening < 2; opening += 1) {
        const { frame, closed } = await openAuthKit(button);
        succeed(frame);
        await nextEvent('pica-success');
        button.close();
        await closed;
      }
      await until(() => rows(list).length === 2);
      expect(names(list)).to.deep.equal(['Gmail', 'Slack']);
      expect(connections).to.have.length(1);
    });
  });
});
