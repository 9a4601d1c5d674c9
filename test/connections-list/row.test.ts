import { expect, nextFrame } from '@open-wc/testing';
import type { Connection } from '../../src/classes.js';
import { mountList, part, until } from '../fixtures/elements.js';
import { connection, names, rows } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';

describe('<pica-connections-list>', () => {
  describe('has rows that', () => {
    const rowOf = async (row: Partial<Connection>, integrations: object[] = []) => {
      const list = await mountList({
        connections: [connection(row)],
        integrations: integrations as never,
      });
      return list;
    };

    it('show the integration’s name', async () => {
      const integrations = [{ platform: 'gmail', name: 'Google Mail' }];
      expect(names(await rowOf({}, integrations))).to.deep.equal(['Google Mail']);
    });

    it('show a name derived from the platform if the integration is unknown', async () => {
      expect(names(await rowOf({ platform: 'google-calendar' }))).to.deep.equal([
        'Google Calendar',
      ]);
    });

    it('name the account', async () => {
      const list = await rowOf({ name: 'me@example.org', identity: 'user-1' });
      expect(part(list, 'account').textContent).to.equal('me@example.org');
      const other = await rowOf({ identity: 'user-1' });
      expect(part(other, 'account').textContent).to.equal('user-1');
    });

    it('have a badge in the test environment, but not in the live one', async () => {
      expect(part(await rowOf({ environment: 'test' }), 'environment').textContent).to.equal(
        'Test',
      );
      expect((await rowOf({})).shadowRoot?.querySelector('[part="environment"]')).to.equal(null);
    });

    for (const [state, label] of [
      ['operational', 'Connected'],
      ['degraded', 'Having trouble'],
      ['failed', 'Needs to be reconnected'],
      ['unknown', 'State unknown'],
      ['checking', 'Being checked'],
    ] as const) {
      it(`show with a label and an icon that they are ${state}`, async () => {
        const list = await rowOf(state === 'checking' ? { confirmed: false } : { state });
        expect(part(list, 'state').textContent.trim()).to.equal(label);
        const { content } = getComputedStyle(part(list, 'state'), '::before');
        expect(content).to.match(/^".+"/);
      });
    }

    it('have a different icon for each state', async () => {
      const icons = new Set<string>();
      for (const state of ['operational', 'degraded', 'failed', 'unknown'] as const) {
        const list = await rowOf({ state });
        icons.add(getComputedStyle(part(list, 'state'), '::before').content.slice(0, 2));
      }
      const checked = await rowOf({ confirmed: false });
      icons.add(getComputedStyle(part(checked, 'state'), '::before').content.slice(0, 2));
      expect(icons.size).to.equal(5);
    });

    it('show when the connection was created', async () => {
      const createdAt = new Date(Date.now() - 3 * 24 * 3_600_000).toISOString();
      const time = (await rowOf({ createdAt })).shadowRoot?.querySelector('time');
      expect(time?.textContent).to.equal('Connected 3 days ago');
      expect(time?.dateTime).to.equal(createdAt);
      const exact = new Intl.DateTimeFormat('en', { dateStyle: 'long' }).format(
        new Date(createdAt),
      );
      expect(time?.title).to.contain(exact);
    });

    for (const [description, createdAt] of [
      ['is hours in the future', Date.now() + 4 * 3_600_000],
      ['comes from a fast clock', Date.now() + 200_000],
      ['was a moment ago, in seconds', Math.trunc(Date.now() / 1000)],
      [
        'was a moment ago, without a zone',
        new Date().toISOString().replace('T', ' ').replace('Z', ''),
      ],
    ] as const) {
      it(`say "now" if their time ${description}`, async () => {
        const list = await rowOf({ createdAt: createdAt as never });
        expect(list.shadowRoot?.querySelector('time')?.textContent).to.equal('Connected now');
      });
    }

    it('have a logo, or a monogram if that is missing or broken', async () => {
      const list = await rowOf({}, [
        { platform: 'gmail', name: 'Gmail', image: `${endpoints}/no` },
      ]);
      expect(part(list, 'logo').textContent.trim()).to.equal('G');
      const image = part(list, 'logo').querySelector('img');
      image?.scrollIntoView();
      await until(() => image?.hidden === true);
    });

    it('load a logo only over http or https', async () => {
      const list = await rowOf({}, [{ platform: 'gmail', name: 'Gmail', image: 'javascript:x' }]);
      expect(part(list, 'logo').querySelector('img')).to.equal(null);
    });

    it('show markup as text', async () => {
      const list = await rowOf({ name: '<img src=x onerror=alert(1)>' });
      expect(part(list, 'account').textContent).to.equal('<img src=x onerror=alert(1)>');
    });

    it('are as high while they are off-screen as once they are rendered', async () => {
      const connections = Array.from({ length: 60 }, (_, index) =>
        connection({
          key: `live::x::${index}`,
          name: `account-${index}@example.org`,
          createdAt: '2026-01-02T03:04:05Z',
        }),
      );
      const list = await mountList({ connections });
      for (const width of ['60em', '20em']) {
        list.style.width = width;
        for (let frame = 0; frame < 3; frame += 1) await nextFrame();
        const heights = rows(list).map((row) => row.getBoundingClientRect().height);
        const [height = 0] = heights;
        // Fonts differ between engines.
        expect(heights.at(-1), width).to.be.closeTo(height, height * 0.15);
      }
    });
  });
});
