import { expect } from '@open-wc/testing';
import { PicaErrorEvent, PicaOpenEvent, PicaSuccessEvent, PicaError } from '../../src/classes.js';
import { authkitFrame, hover, mount, mountList, until } from '../fixtures/elements.js';
import {
  button,
  connection,
  focused,
  hasButton,
  integration,
  nameOf,
  offers,
  rows,
} from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

type List = Awaited<ReturnType<typeof mountList>>;

const mountGmail = (properties: Parameters<typeof mountList>[0] = {}) =>
  mountList({ connections: [connection()], ...properties });

/** Clicks Disconnect, and returns whether its row had to wait for the code. */
const clickAndWait = async (list: List): Promise<boolean> => {
  button(list, 'Disconnect Gmail').click();
  const hasWaited = rows(list)[0]?.ariaBusy === 'true';
  await list.updateComplete;
  expect(hasButton(list, 'Cancel Gmail')).to.equal(true);
  return hasWaited;
};

/** An element in a shadow tree that has connected an account, as one of another version would. */
const mountConnector = () => {
  const host = mount('<div></div>');
  const connector = document.createElement('span') as HTMLElement & { retrySave?: () => void };
  host.attachShadow({ mode: 'open' }).append(connector);
  return connector;
};

const saveFailed = () =>
  new PicaErrorEvent({
    error: new PicaError('save-failed', 'The connection to Gmail was not saved: it threw', {
      hint: '{headers}',
      connection: connection(),
    }),
  });

const stateOf = (list: List) => rows(list)[0]?.querySelector('[part="state"]')?.textContent;

describe('before the code for actions has loaded, a list', () => {
  it('keeps a click on Disconnect, shows that the row is busy, and then asks', async () => {
    const list = await mountGmail();
    const [row] = rows(list);
    const disconnects: Event[] = [];
    list.addEventListener('pica-disconnect', (event) => disconnects.push(event));
    button(list, 'Disconnect Gmail').click();
    button(list, 'Disconnect Gmail').click();
    expect(row?.getAttribute('aria-busy')).to.equal('true');
    expect(hasButton(list, 'Cancel Gmail')).to.equal(false);
    await list.updateComplete;
    expect(hasButton(list, 'Cancel Gmail')).to.equal(true);
    expect(row?.ariaBusy).to.equal('false');
    await until(() => focused(list) === 'Disconnect Gmail');
    expect(disconnects).to.deep.equal([]);
  });

  it('asks only about the connection that was clicked last', async () => {
    const other = connection({ key: 'other', platform: 'notion' });
    const list = await mountGmail({ connections: [connection(), other] });
    button(list, 'Disconnect Gmail').click();
    button(list, 'Disconnect Notion').click();
    await list.updateComplete;
    expect(hasButton(list, 'Cancel Gmail')).to.equal(false);
    expect(hasButton(list, 'Cancel Notion')).to.equal(true);
  });

  it('does nothing about a connection that is gone by then', async () => {
    const list = await mountGmail();
    button(list, 'Disconnect Gmail').click();
    list.connections = [connection({ key: 'other', platform: 'notion' })];
    await list.updateComplete;
    expect(rows(list).map(nameOf)).to.deep.equal(['Notion']);
    expect(hasButton(list, 'Cancel Notion')).to.equal(false);
  });

  it('opens AuthKit within the click on Connect, and only once', async () => {
    const list = await mountList({
      tokenUrl: `${endpoints}/token`,
      baseUrl: puppetUrl(uniqueName()),
      integrations: [integration('gmail', 'Gmail'), integration('notion', 'Notion')],
    });
    const names: string[] = [];
    for (const name of ['pica-connect', 'pica-open', 'pica-close'])
      list.addEventListener(name, (event) => names.push(event.type));
    button(list, 'Connect Gmail').click();
    expect(names).to.deep.equal(['pica-connect', 'pica-open']);
    expect(offers(list)[0]?.ariaBusy).to.equal('true');
    button(list, 'Connect Gmail').click();
    button(list, 'Connect Notion').click();
    await until(() => authkitFrame() !== null);
    expect(names).to.deep.equal(['pica-connect', 'pica-open']);
    list.remove();
    await until(() => names.includes('pica-close'));
    expect(offers(list).map((offer) => offer.ariaBusy)).to.deep.equal([null, null]);
  });

  it('shows a connection that another element has made meanwhile', async () => {
    const list = await mountList();
    let save!: () => void;
    const connector = mountConnector();
    connector.addEventListener('pica-success', (event) => {
      event.waitUntil(new Promise<void>((resolve) => (save = resolve)));
    });
    connector.dispatchEvent(new PicaSuccessEvent({ connection: connection() }));
    expect(rows(list)).to.have.length(0);
    await list.updateComplete;
    expect(stateOf(list)).to.equal('Being saved');
    save();
    await until(() => stateOf(list) === 'Connected');
  });

  it('shows that it was not saved, and lets the element that made it try again', async () => {
    const list = await mountList();
    const connector = mountConnector();
    let retries = 0;
    connector.retrySave = () => (retries += 1);
    connector.dispatchEvent(new PicaSuccessEvent({ connection: connection() }));
    connector.dispatchEvent(saveFailed());
    await list.updateComplete;
    expect(stateOf(list)).to.equal('Not saved');
    button(list, 'Retry Gmail').click();
    expect(retries).to.equal(1);
  });

  it('does not show it to the user who is signed in by then', async () => {
    const list = await mountList({ identity: 'ada' });
    mountConnector().dispatchEvent(new PicaSuccessEvent({ connection: connection() }));
    list.identity = 'grace';
    await list.updateComplete;
    await list.updateComplete;
    expect(rows(list)).to.have.length(0);
  });
});

/** Moves the pointer over the list's row. */
const hoverOver = (list: List) => {
  const [row] = rows(list);
  if (row) hover(row);
};

describe('the code for actions is loaded', () => {
  for (const [description, act] of [
    ['the pointer is over the list', hoverOver],
    [
      'the list gets the focus',
      (list: List) => {
        button(list, 'Disconnect Gmail').focus();
      },
    ],
    [
      'another element opens AuthKit',
      () => document.dispatchEvent(new PicaOpenEvent({ selectedConnection: undefined })),
    ],
  ] as const) {
    it(`when ${description}`, async () => {
      const list = await mountGmail();
      act(list);
      await list.updateComplete;
      expect(await clickAndWait(list)).to.equal(false);
    });
  }

  it('only with the click if preload is none', async () => {
    const list = await mountGmail({ preload: 'none' });
    hoverOver(list);
    await list.updateComplete;
    expect(await clickAndWait(list)).to.equal(true);
  });

  it('not because of an error that is not about saving', async () => {
    const list = await mountGmail();
    const error = new PicaError('load-failed', 'connections-url answered without rows.', {
      hint: 'connections-url must answer with an array, or with {"rows": […]}.',
    });
    document.dispatchEvent(new PicaErrorEvent({ error }));
    await list.updateComplete;
    expect(await clickAndWait(list)).to.equal(true);
  });
});
