import { expect } from '@open-wc/testing';
import {
  exit,
  mountButton,
  mountList,
  nextEvent,
  openAuthKit,
  part,
  record,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import {
  button,
  connection,
  disconnect,
  focused,
  integration,
  loadList,
} from '../fixtures/list.js';
import { endpoints } from '../fixtures/servers/origins.js';
import { control, puppetUrl, uniqueName } from '../fixtures/servers/puppet-client.js';

/*
 * What assistive technology says by itself: an alert when it appears or changes, a status when it changes. A
 * status that appears with its text in it is not said everywhere, and does not count.
 */

const textOf = (region: Element) => region.textContent.replace(/\s+/g, ' ').trim();

/** Everything that is said from now on, in order. */
const listen = (element: Element): string[] => {
  const root = element.shadowRoot;
  if (!root) throw new Error('There is no shadow root');
  const said: string[] = [];
  const regions = () => [...root.querySelectorAll('[role="status"], [role="alert"]')];
  let known = new Map(regions().map((region) => [region, textOf(region)]));
  const onChange = () => {
    const now = new Map(regions().map((region) => [region, textOf(region)]));
    for (const [region, text] of now) {
      const isHeard = region.role === 'alert' || known.has(region);
      if (isHeard && text && text !== known.get(region)) said.push(text);
    }
    known = now;
  };
  new MutationObserver(onChange).observe(root, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  return said;
};

const saves = (target: EventTarget, answers: boolean[]): void => {
  target.addEventListener('pica-success', (event) => {
    const isStored = answers.shift() ?? true;
    const saved = isStored ? Promise.resolve() : Promise.reject(new Error('No'));
    (event as HTMLElementEventMap['pica-success']).waitUntil(saved);
  });
};

describe('the button announces', () => {
  const connect = async (answers: boolean[]) => {
    const element = await mountButton({ selectedConnection: 'Gmail' });
    saves(element, answers);
    const said = listen(element);
    const { frame, closed } = await openAuthKit(element);
    succeed(frame);
    exit(frame);
    await closed;
    return { element, said };
  };
  const unsaved = 'Connected, but not saved yet. Retry';
  const retryButton = (element: Element) =>
    part(element, 'message').querySelector<HTMLElement>('button');

  it('nothing, when all goes well: the focus is back on it', async () => {
    const { element, said } = await connect([true]);
    await until(() => element.status === 'idle');
    await element.updateComplete;
    expect(said).to.deep.equal([]);
    expect(document.activeElement?.localName).to.equal('pica-connect-button');
  });

  it('that a connection could not be saved, each time', async () => {
    const { element, said } = await connect([false, false, true]);
    await until(() => said.length === 1);
    retryButton(element)?.click();
    await until(() => said.length === 2);
    expect(said).to.deep.equal([unsaved, unsaved]);
  });

  it('itself, when the Retry that had the focus is gone', async () => {
    const { element, said } = await connect([false, true]);
    await until(() => said.length === 1);
    retryButton(element)?.focus();
    retryButton(element)?.click();
    await until(() => element.status === 'idle');
    await element.updateComplete;
    // As text: an element in a failure's report would keep the report from being sent.
    expect(element.shadowRoot?.activeElement?.part.value).to.equal('button');
  });
});

describe('the list announces', () => {
  it('how many are found, after each letter', async () => {
    const list = await mountList({
      connections: ['Ada', 'Adam', 'Bea', 'C', 'D', 'E', 'F', 'G', 'H'].map((name) =>
        connection({ key: name, name }),
      ),
    });
    const said = listen(list);
    const field = part(list, 'search').querySelector('input');
    if (!field) throw new Error('There is no field');
    for (const query of ['ad', 'adam', 'adams', '']) {
      field.value = query;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await list.updateComplete;
    }
    expect(said).to.deep.equal(['2 found', '1 found', '0 found']);
  });

  it('that something was disconnected, also when the next has the same name', async () => {
    const list = await mountList({
      connections: ['one', 'two'].map((key) => connection({ key })),
    });
    list.addEventListener('pica-disconnect', (event) => {
      event.waitUntil(Promise.resolve());
    });
    const said = listen(list);
    await disconnect(list, 'Gmail');
    await until(() => list.connections.length === 1);
    await list.updateComplete;
    await disconnect(list, 'Gmail');
    await until(() => list.connections.length === 0);
    await list.updateComplete;
    expect(said).to.deep.equal(['Gmail was disconnected.', 'Gmail was disconnected.']);
  });

  it('that something could not be disconnected, each time', async () => {
    const scope = uniqueName();
    const path = `connections/${encodeURIComponent(connection().key)}`;
    await control(scope, {
      connections: { rows: [{ ...connection() }] },
      behaviour: [{ method: 'DELETE', path, status: 500 }],
    });
    const list = await loadList(scope);
    const said = listen(list);
    for (const times of [1, 2]) {
      const failed = nextEvent('pica-error', list);
      await disconnect(list, 'Gmail');
      await failed;
      await until(() => said.length === times);
    }
    expect(said[0]).to.equal('This could not be disconnected. Try again.');
    await until(() => focused(list) === 'Disconnect Gmail');
  });

  it('that it could not be loaded, each time', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', status: 500 }] });
    const list = await mountList();
    const said = listen(list);
    const failed = nextEvent('pica-error', list);
    list.connectionsUrl = `${endpoints}/${scope}/connections`;
    await failed;
    await until(() => said.length === 1);
    const again = nextEvent('pica-error', list);
    button(list, 'Retry').focus();
    button(list, 'Retry').click();
    await again;
    await until(() => said.length === 3);
    const text = 'The connections could not be loaded. Retry';
    expect(said).to.deep.equal([text, 'Loading connections… Retry', text]);
    expect(focused(list)).to.equal('Retry');
  });

  it('that what was connected in it could not be saved, each time', async () => {
    const list = await mountList({
      integrations: [integration('gmail', 'Gmail')],
      tokenUrl: `${endpoints}/${uniqueName()}/token`,
      baseUrl: puppetUrl(uniqueName()),
    });
    saves(list, [false, false, true]);
    const said = listen(list);
    button(list, 'Connect Gmail').click();
    const frame = await visibleFrame();
    succeed(frame, record());
    exit(frame);
    await until(() => said.length === 1);
    button(list, 'Retry Gmail').click();
    await until(() => said.length === 2);
    button(list, 'Retry Gmail').click();
    await until(() => part(list, 'state').textContent === 'Connected');
    expect(said).to.deep.equal(['Gmail, Not saved', 'Gmail, Not saved']);
  });
});
