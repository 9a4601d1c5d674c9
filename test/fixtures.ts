import { useAuthKit } from '@picahq/authkit';
import type { Connection, PicaConnectButton, PicaConnectionsList } from '../src/classes.js';
import { explanations } from '../src/diagnosis/explanations.js';
import '../src/index.js';
import { endpoints } from './servers/origins.js';
import {
  nextPuppetMessage,
  nextRequest,
  puppetSay,
  puppetUrl,
  uniqueName,
} from './servers/puppet-client.js';

/** What a test makes lives in here, and is gone after it. */
export const stage = document.createElement('div');
document.body.append(stage);

afterEach(() => {
  for (const button of stage.querySelectorAll('pica-connect-button')) button.close();
  stage.replaceChildren();
});

/** Puts markup on the page. */
export const mount = (markup: string): Element => {
  stage.insertAdjacentHTML('beforeend', markup);
  const element = stage.lastElementChild;
  if (!element) throw new Error('There is no element in the markup');
  return element;
};

/** A button whose AuthKit is the puppet named `name`, with the properties given. */
export const mountButton = async (
  properties: Partial<PicaConnectButton> = {},
  name = uniqueName(),
): Promise<PicaConnectButton> => {
  const button = document.createElement('pica-connect-button');
  button.tokenUrl = `${endpoints}/${name}/token`;
  button.baseUrl = puppetUrl(name);
  Object.assign(button, properties);
  stage.append(button);
  await button.updateComplete;
  return button;
};

export const mountList = async (
  properties: Partial<PicaConnectionsList> = {},
): Promise<PicaConnectionsList> => {
  const list = document.createElement('pica-connections-list');
  Object.assign(list, properties);
  stage.append(list);
  await list.updateComplete;
  return list;
};

/** AuthKit's frame, as AuthKit itself looks for it. */
export const authkitFrame = (): HTMLIFrameElement | null =>
  document.querySelector<HTMLIFrameElement>('iframe#event-link');

/** The same, where there has to be one. */
export const theFrame = (): HTMLIFrameElement => {
  const frame = authkitFrame();
  if (!frame) throw new Error('AuthKit has made no frame');
  return frame;
};

/** Calls `onCall` before each call of a method, for as long as the answer has not been called. */
export const spyOn = (
  object: object,
  name: string,
  onCall: (self: unknown, args: unknown[]) => void,
): (() => void) => {
  const original = Reflect.get(object, name) as (...args: unknown[]) => unknown;
  const spy = function (this: unknown, ...args: unknown[]) {
    onCall(this, args);
    return Reflect.apply(original, this, args);
  };
  Reflect.set(object, name, spy);
  return () => Reflect.set(object, name, original);
};

/** Opens AuthKit and waits until its page can be used. */
export const openAuthKit = async (
  button: PicaConnectButton,
): Promise<{ frame: HTMLIFrameElement; closed: Promise<Connection | null> }> => {
  const closed = button.open();
  return { frame: await visibleFrame(), closed };
};

/** AuthKit's frame once its page can be used, whatever the status says: that may be "saving". */
export const visibleFrame = async (): Promise<HTMLIFrameElement> => {
  // It waits a moment where the name of an integration has to be looked up.
  await until(() => authkitFrame() !== null);
  const frame = theFrame();
  await nextPuppetMessage('loaded', frame);
  await until(() => frame.style.display === 'block');
  return frame;
};

/** The pointer comes over it: the user may be about to click. */
export const expectClick = (target: Element): void => {
  target.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, composed: true }));
};

/**
 * Lets an element get over its hesitation: another, which hesitates as long and began later, has asked its
 * endpoint. That one connects to nothing, as its AuthKit is on this page's own server.
 */
export const hesitated = async (): Promise<void> => {
  const name = uniqueName();
  expectClick(await mountButton({ baseUrl: location.origin }, name));
  await nextRequest(name, { method: 'POST', path: 'token' });
};

/** A record as AuthKit sends it. */
export const record = (key = 'live::gmail::default::abc123', more: object = {}) => ({
  _id: '665f00c0ffee',
  key,
  platform: 'gmail',
  environment: 'live',
  createdAt: 1_760_000_000_000,
  active: true,
  ...more,
});

export const succeed = (frame: HTMLIFrameElement, message: unknown = record()): void => {
  puppetSay(frame, { messageType: 'LINK_SUCCESS', message });
};

export const exit = (frame: HTMLIFrameElement): void => {
  puppetSay(frame, { messageType: 'EXIT_EVENT_LINK' });
};

/** The next event of this name anywhere in the page. */
export const nextEvent = <Name extends keyof HTMLElementEventMap>(
  name: Name,
  target: EventTarget = document,
): Promise<HTMLElementEventMap[Name]> =>
  new Promise((resolve) => {
    target.addEventListener(
      name,
      (event) => {
        resolve(event as HTMLElementEventMap[Name]);
      },
      { once: true },
    );
  });

/** Every event of the elements from now on, in order, as "pica-open" and so on. */
export const recordEvents = (target: EventTarget): { names: string[]; events: CustomEvent[] } => {
  const names: string[] = [];
  const events: CustomEvent[] = [];
  for (const name of ['open', 'success', 'error', 'close', 'load']) {
    target.addEventListener(`pica-${name}`, (event) => {
      names.push(event.type);
      events.push(event as CustomEvent);
    });
  }
  return { names, events };
};

/** Waits until something holds; the test's own time limit ends it when it never does. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

/** Waits longer than anything that pica-connect waits for before it gives AuthKit's page up. */
export const longEnough = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2500));

/** Waits for the element's part to be rendered and returns it. */
export const part = (element: Element, name: string): HTMLElement => {
  const found = element.shadowRoot?.querySelector<HTMLElement>(`[part~="${name}"]`);
  if (!found) throw new Error(`There is no part "${name}"`);
  return found;
};

/** The modal's own dialog, below AuthKit's frame. */
export const modalDialog = (): HTMLDialogElement | null =>
  document
    .querySelector('[data-pica-connect-modal]')
    ?.shadowRoot?.querySelector<HTMLDialogElement>('dialog') ?? null;

/** The modal's own button with this name: Cancel while AuthKit is on its way, Close afterwards. */
export const modalButton = (name: string): HTMLButtonElement => {
  const buttons = [...(modalDialog()?.querySelectorAll('button') ?? [])];
  const found = buttons.find((button) => (button.ariaLabel ?? button.textContent) === name);
  if (!found) throw new Error(`The modal has no button "${name}"`);
  return found;
};

type AuthKitProps = Parameters<typeof useAuthKit>[0];
const bare = new Set<ReturnType<typeof useAuthKit>>();

afterEach(() => {
  for (const { close } of bare) close();
  bare.clear();
  authkitFrame()?.remove();
});

/**
 * `@picahq/authkit` alone, as its guide shows it. Tests show on it what pica-connect is there for: each
 * "AuthKit alone" fails what the test before or after it passes.
 */
export const createBare = (props: Partial<AuthKitProps> = {}) => {
  const authkit = useAuthKit({
    token: { url: `${endpoints}/bare/token` },
    baseUrl: puppetUrl(uniqueName()),
    ...props,
  });
  bare.add(authkit);
  return authkit;
};

/** Opens AuthKit alone, and waits until it would believe its page. */
export const openBare = async (props: Partial<AuthKitProps> = {}) => {
  const authkit = createBare(props);
  authkit.open();
  return { authkit, frame: await visibleFrame() };
};

/** A frame of the stand-in that is not AuthKit's, on the origin given. */
export const addStranger = async (origin: string): Promise<HTMLIFrameElement> => {
  const frame = document.createElement('iframe');
  frame.title = 'Stranger';
  frame.src = puppetUrl(uniqueName(), origin);
  stage.append(frame);
  await nextPuppetMessage('loaded', frame);
  return frame;
};

/** Everything that a frame posts arrives in order: when this has, what it said before has too. */
export const allSaid = async (frame: HTMLIFrameElement): Promise<void> => {
  const token = uniqueName();
  const heard = new Promise<void>((resolve) => {
    const onMessage = ({ data }: MessageEvent<unknown>) => {
      if (data !== token) return;
      window.removeEventListener('message', onMessage);
      resolve();
    };
    window.addEventListener('message', onMessage);
  });
  puppetSay(frame, token);
  await heard;
};

/** Errors whose words the documentation's page for their code does not have. */
const unexplained: string[] = [];

const patternOf = (template: string): RegExp => {
  const parts = template
    .split(/\{\w+\}/)
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`);
};

document.addEventListener(
  'pica-error',
  ({ detail }) => {
    const { code, message, hint } = detail.error;
    const isExplained = Object.values(explanations[code].cases).some(
      (one) => patternOf(one.message).test(message) && patternOf(one.hint).test(hint),
    );
    if (!isExplained) unexplained.push(`${code}: ${message} | ${hint}`);
  },
  { capture: true },
);

afterEach(() => {
  const found = unexplained.splice(0);
  if (found.length > 0) throw new Error(`src/diagnosis/explanations.ts lacks: ${found.join('; ')}`);
});
