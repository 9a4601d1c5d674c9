import { expect } from '@open-wc/testing';
import type { PicaConnectionsList } from '../../src/classes.js';
import { nextEvent, stage } from '../fixtures/elements.js';
import { connection, rows } from '../fixtures/list.js';
import { endpoints, engine } from '../fixtures/servers/origins.js';
import { control, nextRequest, release, uniqueName } from '../fixtures/servers/puppet-client.js';

/** Typical rows with an account and a time, in the order of the list. */
const typicalConnections = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    connection({
      key: `live::gmail::${String(index)}`,
      name: `me${String(index)}@example.org`,
      createdAt: '2026-01-02T03:04:05Z',
    }),
  );

/** Mounts a list above other content, and waits until its request is pending. */
const mountLoading = async (width: number, count: number, styles = '') => {
  const scope = uniqueName();
  await control(scope, {
    behaviour: [{ path: 'connections', hold: true, body: typicalConnections(count) }],
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
    /** Releases the response, and waits until it is rendered. */
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
 * Guaranteed: a placeholder is as high as a typical row, at every width and with every style for the parts. So with
 * three connections nothing moves, and with others the content below moves by the difference in rows. Not guaranteed:
 * rows that need more space, such as rows with two buttons at medium widths, and what is above or below the rows
 * (search and offers).
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

  it('is as high as its rows with the page’s font, spacing and part styles', async () => {
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
    it(`differs from ${String(count)} rows by the number of missing or extra rows`, async () => {
      const { list, load } = await mountLoading(600, count);
      const before = heightOf(list);
      const [placeholder] =
        list.shadowRoot?.querySelectorAll<HTMLElement>('.skeleton li + li') ?? [];
      const height = placeholder?.getBoundingClientRect().height ?? 0;
      await load();
      expect(heightOf(list) - before).to.be.closeTo((count - 3) * height, 1);
    });
  }

  it('causes no layout shift', async function () {
    // Only Chromium measures layout shifts.
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
      // Causes a real shift, to prove that shifts are observed.
      stage.querySelector('p')?.before('Something new');
      await shiftObserved(observer, shifts);
      observer.disconnect();
      expect(shifts).to.have.length(1);
    }
  });
});

const painted = () =>
  new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(resolve));
  });

/** Waits until the deliberate shift has been observed. */
const shiftObserved = async (observer: PerformanceObserver, shifts: readonly number[]) => {
  while (shifts.length === 0) await painted();
  observer.takeRecords();
};
