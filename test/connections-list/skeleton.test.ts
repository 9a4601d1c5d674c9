import { expect } from '@open-wc/testing';
import type { PicaConnectionsList } from '../../src/classes.js';
import { nextEvent, stage } from '../fixtures/elements.js';
import { connection, rows } from '../fixtures/list.js';
import { endpoints, engine } from '../fixtures/servers/origins.js';
import { control, nextRequest, release, uniqueName } from '../fixtures/servers/puppet-client.js';

/** Rows as most are: with an account and a time, and in order. */
const ordinary = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    connection({
      key: `live::gmail::${String(index)}`,
      name: `me${String(index)}@example.org`,
      createdAt: '2026-01-02T03:04:05Z',
    }),
  );

/** A list above the rest of a page, before its endpoint has answered. */
const mountLoading = async (width: number, count: number, styles = '') => {
  const scope = uniqueName();
  await control(scope, {
    behaviour: [{ path: 'connections', hold: true, body: ordinary(count) }],
  });
  stage.innerHTML = `
    <style>${styles}</style>
    <div style="inline-size: ${String(width)}px">
      <pica-connections-list connections-url="${endpoints}/${scope}/connections"></pica-connections-list>
      <p>The rest of the page</p>
    </div>`;
  const list = stage.querySelector('pica-connections-list');
  if (!list) throw new Error('There is no list');
  await nextRequest(scope, { state: 'held' });
  await list.updateComplete;
  return {
    list,
    /** Lets the endpoint answer, and waits until that is shown. */
    load: async () => {
      const loaded = nextEvent('pica-load');
      await release(scope);
      await loaded;
      await list.updateComplete;
    },
  };
};

const heightOf = (list: PicaConnectionsList) => list.getBoundingClientRect().height;

/*
 * What is guaranteed: a placeholder is as high as an ordinary row, at every width and whatever the page does
 * to the parts; so for three connections nothing moves, and for others what is below moves by as many rows as
 * there are more or fewer. Nothing is promised for rows that need more room, such as those with two buttons
 * where the list is between narrow and wide, nor for what stands above or below the rows: search and offers.
 */
describe('the skeleton', () => {
  for (const width of [280, 320, 500, 600, 780, 1000]) {
    it(`is as high at ${String(width)} px as the three rows that replace it`, async () => {
      const { list, load } = await mountLoading(width, 3);
      const before = heightOf(list);
      await load();
      expect(rows(list)).to.have.length(3);
      expect(heightOf(list)).to.be.closeTo(before, 0.5);
    });
  }

  it('is as high in the font, the spacing and the parts of a page', async () => {
    const { list, load } = await mountLoading(
      600,
      3,
      `pica-connections-list { font: 20px/2 serif; --pica-spacing: 11px }
       pica-connections-list::part(item) { padding: 30px }
       pica-connections-list::part(account) { font-size: 30px }`,
    );
    const before = heightOf(list);
    await load();
    expect(heightOf(list)).to.be.closeTo(before, 0.5);
  });

  for (const count of [1, 2, 4, 8]) {
    it(`differs from ${String(count)} rows by just the rows that it has too many or too few`, async () => {
      const { list, load } = await mountLoading(600, count);
      const before = heightOf(list);
      const [placeholder] =
        list.shadowRoot?.querySelectorAll<HTMLElement>('.skeleton li + li') ?? [];
      const height = placeholder?.getBoundingClientRect().height ?? 0;
      await load();
      expect(heightOf(list) - before).to.be.closeTo((count - 3) * height, 1);
    });
  }

  it('shifts nothing that the browser would count', async function () {
    // The others do not measure it.
    if (engine !== 'chromium') this.skip();
    for (const width of [320, 600]) {
      const { load } = await mountLoading(width, 3);
      const shifts: number[] = [];
      const observer = new PerformanceObserver((entries) => {
        for (const entry of entries.getEntries()) {
          shifts.push((entry as PerformanceEntry & { value: number }).value);
        }
      });
      await painted();
      observer.observe({ type: 'layout-shift' });
      await load();
      await painted();
      // To see that it counts at all: what is below is pushed down.
      stage.querySelector('p')?.before('Something new');
      await counted(observer, shifts);
      observer.disconnect();
      expect(shifts).to.have.length(1);
    }
  });
});

const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(resolve));
  });

/** Until the shift that was made for it has been counted. */
const counted = async (observer: PerformanceObserver, shifts: readonly number[]) => {
  while (shifts.length === 0) await painted();
  observer.takeRecords();
};
