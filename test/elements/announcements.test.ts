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
 * What assistive technology announces by itself: an alert when it appears or changes, and a status when it changes. A
 * status that appears together with its text is not announced everywhere, so it doesn't count.
 */

const textOf = (region: Element) => region.textContent.replace(/\s+/g, ' ').trim();

/** Records all announcements from now on, in order. */
const listen = (element: Element): string[] => {
  const root = element.shadowRoot;
  if (!root) throw new Error('There is no shadow root');
  const announced: string[] = [];
  const regions = () => [...root.querySelectorAll('[role="status"], [role="alert"]')];
  let previous = new Map(regions().map((region) => [region, textOf(region)]));
  const onChange = () => {
    const current = new Map(regions().map((region) => [region, textOf(region)]));
    for (const [region, text] of current) {
      const isHeard = region.role === 'alert' || previous.has(region);
      if (isHeard && text && text !== previous.get(region)) announced.push(text);
    }
    previous = current;
  };
  new MutationObserver(onChange).observe(root, {
    childList: true,
    subtree: true,
    characterData: true,
  });
  return announced;
};

const awaitSaves = (target: EventTarget, results: boolean[]): void => {
  target.addEventListener('pica-success', (event) => {
    const isStored = results.shift() ?? true;
    const saved = isStored ? Promise.resolve() : Promise.reject(new Error('No'));
    (event as HTMLElementEventMap['pica-success']).waitUntil(saved);
  });
};

describe('the button announces', () => {
  const connect = async (answers: boolean[]) => {
    const element = await mountButton({ selectedConnection: 'Gmail' });
    awaitSaves(element, answers);
    const announced = listen(element);
    const { frame, closed } = await openAuthKit(element);
    succeed(frame);
    exit(frame);
    await closed;
    return { element, announced };
  };
  const unsaved = 'Connected, but not saved yet. Retry';
  const retryButton = (element: Element) =>
    part(element, 'message').querySelector<HTMLElement>('button');

  it('nothing if all goes well, since the focus returns to it', async () => {
    const { element, announced } = await connect([true]);
    await until(() => element.status === 'idle');
    await element.updateComplete;
    expect(announced).to.deep.equal([]);
    expect(document.activeElement?.localName).to.equal('pica-connect-button');
  });

  it('a failed save each time', async () => {
    const { element, announced } = await connect([false, false, true]);
    await until(() => announced.length === 1);
    retryButton(element)?.click();
    await until(() => announced.length === 2);
    expect(announced).to.deep.equal([unsaved, unsaved]);
  });

  it('itself when the Retry button that had the focus is gone', async () => {
    const { element, announced } = await connect([false, true]);
    await until(() => announced.length === 1);
    retryButton(element)?.focus();
    retryButton(element)?.click();
    await until(() => element.status === 'idle');
    await element.updateComplete;
    // A string, because the runner can't serialize an element in a failure.
    expect(element.shadowRoot?.activeElement?.part.value).to.equal('button');
  });
});

describe('the list announces', () => {
  it('the number of results after each letter', async () => {
    const list = await mountList({
      connections: ['Ada', 'Adam', 'Bea', 'C', 'D', 'E', 'F', 'G', 'H'].map((name) =>
        connection({ key: name, name }),
      ),
    });
    const announced = listen(list);
    const field = part(list, 'search').querySelector('input');
    if (!field) throw new Error('There is no field');
    for (const query of ['ad', 'adam', 'adams', '']) {
      field.value = query;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      await list.updateComplete;
    }
    expect(announced).to.deep.equal(['2 found', '1 found', '0 found']);
  });

  it('each disconnected connection, even if two have the same name', async () => {
    const list = await mountList({
      connections: ['one', 'two'].map((key) => connection({ key })),
    });
    list.addEventListener('pica-disconnect', (event) => {
      event.waitUntil(Promise.resolve());
    });
    const announced = listen(list);
    await disconnect(list, 'Gmail');
    await until(() => list.connections.length === 1);
    await list.updateComplete;
    await disconnect(list, 'Gmail');
    await until(() => list.connections.length === 0);
    await list.updateComplete;
    expect(announced).to.deep.equal(['Gmail was disconnected.', 'Gmail was disconnected.']);
  });

  it('a failed disconnect each time', async () => {
    const scope = uniqueName();
    const path = `connections/${encodeURIComponent(connection().key)}`;
    await control(scope, {
      connections: { rows: [{ ...connection() }] },
      behaviour: [{ method: 'DELETE', path, status: 500 }],
    });
    const list = await loadList(scope);
    const announced = listen(list);
    for (const times of [1, 2]) {
      const errorEvent = nextEvent('pica-error', list);
      await disconnect(list, 'Gmail');
      await errorEvent;
      await until(() => announced.length === times);
    }
    expect(announced[0]).to.equal('This could not be disconnected. Try again.');
    await until(() => focused(list) === 'Disconnect Gmail');
  });

  it('a failed load each time', async () => {
    const scope = uniqueName();
    await control(scope, { behaviour: [{ path: 'connections', status: 500 }] });
    const list = await mountList();
    const announced = listen(list);
    const errorEvent = nextEvent('pica-error', list);
    list.connectionsUrl = `${endpoints}/${scope}/connections`;
    await errorEvent;
    await until(() => announced.length === 1);
    const secondErrorEvent = nextEvent('pica-error', list);
    button(list, 'Retry').focus();
    button(list, 'Retry').click();
    await secondErrorEvent;
    await until(() => announced.length === 3);
    const text = 'The connections could not be loaded. Retry';
    expect(announced).to.deep.equal([text, 'Loading connections… Retry', text]);
    expect(focused(list)).to.equal('Retry');
  });

  it('a failed save each time', async () => {
    const list = await mountList({
      integrations: [integration('gmail', 'Gmail')],
      tokenUrl: `${endpoints}/${uniqueName()}/token`,
      baseUrl: puppetUrl(uniqueName()),
    });
    awaitSaves(list, [false, false, true]);
    const announced = listen(list);
    button(list, 'Connect Gmail').click();
    const frame = await visibleFrame();
    succeed(frame, record());
    exit(frame);
    await until(() => announced.length === 1);
    button(list, 'Retry Gmail').click();
    await until(() => announced.length === 2);
    button(list, 'Retry Gmail').click();
    await until(() => part(list, 'state').textContent === 'Connected');
    expect(announced).to.deep.equal(['Gmail, Not saved', 'Gmail, Not saved']);
  });
});
