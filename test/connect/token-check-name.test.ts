import { expect } from '@open-wc/testing';
import type { PicaConnectButton } from '../../src/classes.js';
import {
  allMessagesReceived,
  authkitFrame,
  exit,
  modalDialog,
  mountButton,
  nextEvent,
  openAuthKit,
  recordEvents,
  requireFrame,
  spyOn,
  succeed,
  until,
  visibleFrame,
} from '../fixtures/elements.js';
import { errorOf, openHost, press } from '../fixtures/embedded-page.js';
import { ownEndpoints } from '../fixtures/servers/origins.js';
import {
  control,
  nextPuppetMessage,
  nextRequest,
  puppetControl,
  puppetRequests,
  puppetUrl,
  release,
  requestedNames,
  uniqueName,
} from '../fixtures/servers/puppet-client.js';
import { nextTask } from '../fixtures/session.js';
import { listenToConsole, mountWithEndpoint, noCors } from '../fixtures/token-endpoint.js';

let warnings: string[] = [];
let stopListening: () => void;

beforeEach(() => {
  ({ warnings, stop: stopListening } = listenToConsole());
});

afterEach(() => {
  stopListening();
});

let spellings = 0;

/** A spelling of "Gmail" that no other test uses, because each correction causes only one warning. */
const newSpelling = (): string => `gmail${'-'.repeat((spellings += 1))}`;

/** Mounts a button whose token endpoint holds its answer until `answer()`. */
const mountWithHeldAnswer = async (properties: Partial<PicaConnectButton> = {}) => {
  const page = uniqueName();
  const wrong = newSpelling();
  const { scope, button } = await mountWithEndpoint(
    { method: 'POST', hold: true },
    { selectedConnection: wrong, baseUrl: puppetUrl(page), ...properties },
  );
  /** Waits until the page knows the answer. */
  const answer = async () => {
    await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
    await release(scope);
    await until(() => warnings.some((text) => text.includes(`"${wrong}" was corrected`)));
  };
  return { button, page, scope, wrong, answer };
};

const allFrames = (): HTMLIFrameElement[] => [
  ...document.querySelectorAll<HTMLIFrameElement>('iframe#event-link'),
];

const isVisible = (frame: Element | undefined) =>
  frame?.checkVisibility({ visibilityProperty: true });

const requestCountReaches = async (page: string, count: number): Promise<void> => {
  while ((await puppetRequests(page)).length < count);
};

/** Waits until the corrected page has taken the place of `frame`. */
const corrected = async (frame: HTMLIFrameElement): Promise<HTMLIFrameElement> => {
  await until(() => !frame.isConnected);
  return requireFrame();
};

describe('a name to check', () => {
  it('is checked after AuthKit’s page has been requested', async () => {
    const { button } = await mountWithEndpoint({}, { selectedConnection: 'Gmail' });
    let wasFrameThere: boolean | undefined;
    const stop = spyOn(window, 'fetch', (_, [url]) => {
      if (url === button.tokenUrl) wasFrameThere ??= authkitFrame() !== null;
    });
    await openAuthKit(button);
    await until(() => wasFrameThere !== undefined);
    stop();
    expect(wasFrameThere).to.equal(true);
  });

  it('that is right causes one request of AuthKit’s page', async () => {
    const page = uniqueName();
    const { scope, button } = await mountWithEndpoint(
      { method: 'POST', hold: true, headers: { ...noCors, vary: null } },
      { selectedConnection: 'Gmail', baseUrl: puppetUrl(page) },
      ownEndpoints,
    );
    const { frame } = await openAuthKit(button);
    await nextRequest(scope, { method: 'POST', path: 'token', state: 'held' });
    await release(scope);
    // Shows that the page knows the answer.
    await until(() => warnings.join().includes('access-control-allow-origin'));
    await nextTask();
    expect(allFrames()).to.deep.equal([frame]);
    expect(await requestedNames(page)).to.deep.equal(['Gmail']);
  });

  it('that does not exist leaves AuthKit’s page as it is', async () => {
    const page = uniqueName();
    const { button } = await mountWithEndpoint(
      {},
      { selectedConnection: 'Gmale', baseUrl: puppetUrl(page) },
    );
    const errorEvent = nextEvent('pica-error', button);
    const { frame } = await openAuthKit(button);
    expect((await errorEvent).detail.error.code).to.equal('integration-not-found');
    expect(allFrames()).to.deep.equal([frame]);
    expect(await requestedNames(page)).to.deep.equal(['Gmale']);
  });

  it('is corrected with headers that a function provides', async () => {
    const { button, page, wrong, answer } = await mountWithHeldAnswer({
      tokenHeaders: () => Promise.resolve({ 'x-user-id': '7' }),
    });
    const { frame } = await openAuthKit(button);
    await answer();
    const { data } = await nextPuppetMessage('loaded', await corrected(frame));
    expect(data).to.deep.include({ linkHeaders: { 'x-user-id': '7' } });
    expect(await requestedNames(page)).to.deep.equal([wrong, 'Gmail']);
  });
});

describe('a name corrected while AuthKit’s page loads', () => {
  /** Opens AuthKit, whose page never answers. Then its name is corrected, and it answers. */
  const openHanging = async () => {
    const mounted = await mountWithHeldAnswer();
    const { button, page } = mounted;
    await puppetControl(page, { hang: true });
    const recorded = recordEvents(button);
    const closed = button.open();
    await requestCountReaches(page, 1);
    await puppetControl(page, {});
    return { ...mounted, ...recorded, closed };
  };

  it('reaches AuthKit’s page in its URL and its message', async () => {
    const { page, wrong, answer } = await openHanging();
    const first = requireFrame();
    await answer();
    const frame = await corrected(first);
    expect((await nextPuppetMessage('loaded', frame)).data).to.have.property(
      'selectedConnection',
      'Gmail',
    );
    expect((await nextPuppetMessage('received', frame)).data).to.have.property(
      'selectedConnection',
      'Gmail',
    );
    expect(await requestedNames(page)).to.deep.equal([wrong, 'Gmail']);
  });

  it('shows nothing but the corrected page, with the usual events', async () => {
    const { button, answer, names, closed } = await openHanging();
    await answer();
    const frame = await visibleFrame();
    expect(allFrames()).to.deep.equal([frame]);
    expect(isVisible(frame)).to.equal(true);
    expect(button.status).to.equal('open');
    const successEvent = nextEvent('pica-success', button);
    succeed(frame);
    await successEvent;
    exit(frame);
    expect((await closed)?.platform).to.equal('gmail');
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
  });

  it('opens nothing if AuthKit was closed before', async () => {
    const { button, page, wrong, names, answer } = await openHanging();
    button.close();
    await answer();
    await nextTask();
    expect(allFrames()).to.deep.equal([]);
    await openAuthKit(button);
    expect(await requestedNames(page)).to.deep.equal([wrong, 'Gmail']);
    expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open']);
  });

  it('corrects only the last of two rapid openings', async () => {
    const { button, page, wrong, names, answer } = await openHanging();
    button.close();
    await puppetControl(page, { hang: true });
    void button.open();
    await requestCountReaches(page, 2);
    await puppetControl(page, {});
    await answer();
    const frame = await visibleFrame();
    expect(allFrames()).to.deep.equal([frame]);
    expect(await requestedNames(page)).to.deep.equal([wrong, wrong, 'Gmail']);
    expect(names).to.deep.equal(['pica-open', 'pica-close', 'pica-open']);
  });

  it('does not touch another element’s opening', async () => {
    const { page, wrong, names, answer } = await openHanging();
    const first = requireFrame();
    void (await mountButton()).open();
    await until(() => !first.isConnected);
    const frame = await visibleFrame();
    await answer();
    await nextTask();
    expect(allFrames()).to.deep.equal([frame]);
    expect(await requestedNames(page)).to.deep.equal([wrong]);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });
});

describe('a name corrected once AuthKit’s page can be seen', () => {
  /** Opens AuthKit with a wrong name, and waits until the page with the right one has been requested. */
  const openWithSlowCorrection = async () => {
    const mounted = await mountWithHeldAnswer();
    const { button, page, answer } = mounted;
    const recorded = recordEvents(button);
    const { frame, closed } = await openAuthKit(button);
    await puppetControl(page, { hang: true });
    await answer();
    await requestCountReaches(page, 2);
    return { ...mounted, ...recorded, frame, closed };
  };

  it('replaces the page, and nobody hears of it', async () => {
    const { button, page, wrong, answer } = await mountWithHeldAnswer();
    const { names } = recordEvents(button);
    const { frame: first, closed } = await openAuthKit(button);
    const dialog = modalDialog();
    await answer();
    const frame = await corrected(first);
    const { data } = await nextPuppetMessage('loaded', frame);
    expect(data).to.have.property('selectedConnection', 'Gmail');
    expect(await requestedNames(page)).to.deep.equal([wrong, 'Gmail']);
    expect(allFrames()).to.deep.equal([frame]);
    expect(isVisible(frame)).to.equal(true);
    expect(frame.title).to.equal(first.title);
    expect(document.activeElement).to.equal(frame);
    expect(modalDialog()).to.equal(dialog);
    expect(button.status).to.equal('open');
    succeed(frame);
    exit(frame);
    expect((await closed)?.platform).to.equal('gmail');
    expect(names).to.deep.equal(['pica-open', 'pica-success', 'pica-close']);
  });

  it('leaves the first page visible until the other one has loaded', async () => {
    const { button, frame } = await openWithSlowCorrection();
    expect(allFrames().map(isVisible)).to.deep.equal([true, false]);
    expect(requireFrame()).to.equal(frame);
    expect(button.status).to.equal('open');
  });

  it('leaves the first page in charge until then', async () => {
    const { frame, closed, names } = await openWithSlowCorrection();
    exit(frame);
    expect(await closed).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
    expect(allFrames()).to.deep.equal([]);
  });

  it('removes both pages if AuthKit closes meanwhile', async () => {
    const { button, closed, names } = await openWithSlowCorrection();
    button.close();
    expect(await closed).to.equal(null);
    expect(allFrames()).to.deep.equal([]);
    expect(modalDialog()).to.equal(null);
    expect(names).to.deep.equal(['pica-open', 'pica-close']);
  });

  it('ignores messages of the page that was replaced', async () => {
    const { button, answer } = await mountWithHeldAnswer();
    const { names } = recordEvents(button);
    const { frame: first } = await openAuthKit(button);
    const source = first.contentWindow;
    await answer();
    const frame = await corrected(first);
    const data = { messageType: 'EXIT_EVENT_LINK' };
    const late = new MessageEvent('message', { data, origin: new URL(frame.src).origin });
    // Firefox accepts no window of another origin in the constructor.
    window.dispatchEvent(Object.defineProperty(late, 'source', { value: source }));
    await allMessagesReceived(frame);
    expect(names).to.deep.equal(['pica-open']);
  });
});

it('a name is corrected in a window of its own', async () => {
  const name = uniqueName();
  await control(name, { behaviour: [{ method: 'POST', path: 'token', hold: true }] });
  const host = await openHost({ name, attributes: 'selected-connection="gmail"' });
  const { names, events } = recordEvents(host.button);
  await press(host);
  await until(() => host.button.status === 'open');
  const view = host.window.opened[0];
  const first = view?.document.querySelector('iframe');
  await nextRequest(name, { method: 'POST', path: 'token', state: 'held' });
  await release(name);
  await until(() => first?.isConnected === false);
  expect(await requestedNames(name)).to.deep.equal(['gmail', 'Gmail']);
  const frames = view?.document.querySelectorAll('iframe');
  expect([...(frames ?? [])].map(isVisible)).to.deep.equal([true]);
  expect(errorOf(events)).to.equal(undefined);
  expect(names).to.deep.equal(['pica-open']);
});
