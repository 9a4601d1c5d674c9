import { exit, mountList, record, succeed, until, visibleFrame } from '../fixtures/elements.js';
import { button, connection, focused, integration, nameOf, rows } from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/** Opens AuthKit by a button of the list, and waits until it can be used. */
const openBy = (list: Awaited<ReturnType<typeof mountOffers>>, name: string) => {
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

describe('where the focus goes when AuthKit has closed', () => {
  it('is back to the button that opened it', async () => {
    const list = await mountOffers();
    exit(await openBy(list, 'Connect Notion'));
    await until(isClosed);
    await until(() => focused(list) === 'Connect Notion');
  });

  it('is the row of the connection that was made, whose offer is gone', async () => {
    const list = await mountOffers({ connections: [connection()] });
    const frame = await openBy(list, 'Connect Notion');
    succeed(frame, record('live::notion::new', { platform: 'notion' }));
    await until(() => rows(list).length === 2);
    exit(frame);
    await until(isClosed);
    const row = rows(list).find((one) => nameOf(one) === 'Notion');
    await until(() => list.shadowRoot?.activeElement === row);
  });

  it('is the row that was renewed, which needs no Reconnect any more', async () => {
    const list = await mountOffers({ connections: [connection({ state: 'failed' })] });
    const frame = await openBy(list, 'Reconnect Gmail');
    succeed(frame, record(connection().key, { state: 'operational' }));
    await until(() => rows(list)[0]?.classList.contains('operational') ?? false);
    exit(frame);
    await until(isClosed);
    await until(() => list.shadowRoot?.activeElement === rows(list)[0]);
  });

  it('is the heading when there is no such row', async () => {
    const list = await mountOffers();
    const frame = await openBy(list, 'Connect Notion');
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
