import { exit, mountList, record, succeed, until, visibleFrame } from '../fixtures/elements.js';
import { button, connection, focused, integration, nameOf, rows } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/** Clicks a button of the list, and waits until AuthKit can be used. */
const openWith = (list: Awaited<ReturnType<typeof mountOffers>>, name: string) => {
  button(list, name).click();
  return visibleFrame();
};

const mountOffers = (properties: Parameters<typeof mountList>[0] = {}) =>
  mountList({
    tokenUrl: `${endpoints}/token`,
    baseUrl: puppetUrl(uniqueName()),
    integrations: [integration('gmail', 'Gmail'), integration('notion', 'Notion')],
    ...properties,
  });

const isClosed = () => document.querySelector('[data-pica-connect-modal]') === null;

describe('after AuthKit closes, the focus', () => {
  it('returns to the button that opened it', async () => {
    const list = await mountOffers();
    exit(await openWith(list, 'Connect Notion'));
    await until(isClosed);
    await until(() => focused(list) === 'Connect Notion');
  });

  it('moves to the row of the new connection, since its offer is gone', async () => {
    const list = await mountOffers({ connections: [connection()] });
    const frame = await openWith(list, 'Connect Notion');
    succeed(frame, record('live::notion::new', { platform: 'notion' }));
    await until(() => rows(list).length === 2);
    exit(frame);
    await until(isClosed);
    const row = rows(list).find((candidate) => nameOf(candidate) === 'Notion');
    await until(() => list.shadowRoot?.activeElement === row);
  });

  it('moves to the row of the repaired connection, since it has no Reconnect button any more', async () => {
    const list = await mountOffers({ connections: [connection({ state: 'failed' })] });
    const frame = await openWith(list, 'Reconnect Gmail');
    succeed(frame, record(connection().key, { state: 'operational' }));
    await until(() => rows(list)[0]?.classList.contains('operational') ?? false);
    exit(frame);
    await until(isClosed);
    await until(() => list.shadowRoot?.activeElement === rows(list)[0]);
  });

  it('moves to the heading if there is no such row', async () => {
    const list = await mountOffers();
    const frame = await openWith(list, 'Connect Notion');
    succeed(frame, record('live::notion::new', { platform: 'notion' }));
    await until(() => rows(list).length === 1);
    list.connections = [];
    list.integrations = [];
    await list.updateComplete;
    exit(frame);
    await until(isClosed);
    await until(() => focused(list) === 'Connections');
  });
});
