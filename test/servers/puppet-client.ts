import { authkit, endpoints } from './origins.js';
import type {
  Control,
  PuppetControl,
  PuppetMessage,
  PuppetRequest,
  ReceivedRequest,
} from './protocol.js';

/** How long a helper waits before it fails, in milliseconds; below the time limit of a test. */
const patience = 5000;

/** A scope or puppet name that no other test has. */
export const uniqueName = (): string => crypto.randomUUID();

const send = async (url: string, body: unknown): Promise<void> => {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}`);
};

const list = async <T>(url: string): Promise<T[]> => (await (await fetch(url)).json()) as T[];

/** Tries until there is an answer; the error says what was waited for. */
const eventually = async <T>(
  what: string,
  attempt: () => T | undefined | Promise<T | undefined>,
): Promise<T> => {
  const end = performance.now() + patience;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (performance.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Chooses what the host's backend of this scope holds and how it behaves. */
export const control = (scope: string, settings: Control): Promise<void> =>
  send(`${endpoints}/${scope}/control`, settings);

/** Lets held requests answer: all of them, or the one with this index. */
export const release = (scope: string, index?: number): Promise<void> =>
  send(`${endpoints}/${scope}/release`, { index });

/** The requests that the host's backend of this scope has received so far. */
export const requests = (scope: string): Promise<ReceivedRequest[]> =>
  list(`${endpoints}/${scope}/requests`);

/** Waits until the host's backend has received such a request. */
export const nextRequest = (
  scope: string,
  wanted: Partial<Pick<ReceivedRequest, 'index' | 'method' | 'path' | 'state'>>,
): Promise<ReceivedRequest> =>
  eventually(`a request like ${JSON.stringify(wanted)}`, async () =>
    (await requests(scope)).find((request) =>
      Object.entries(wanted).every(
        ([key, value]) => request[key as keyof ReceivedRequest] === value,
      ),
    ),
  );

/** What to set as `base-url` so that AuthKit is the stand-in; `origin` may be `otherOrigin`. */
export const puppetUrl = (name: string, origin: string = authkit): string =>
  `${origin}/authkit/${name}`;

/** Chooses how the stand-in's page is served. */
export const puppetControl = (name: string, settings: PuppetControl): Promise<void> =>
  send(`${authkit}/control/${name}`, settings);

/** The requests for the stand-in's page so far; what only asks whether it is there does not count. */
export const puppetRequests = async (name: string): Promise<PuppetRequest[]> =>
  (await list<PuppetRequest>(`${authkit}/requests/${name}`)).filter(
    ({ method }) => method === 'GET',
  );

/** Makes the stand-in in this iframe post exactly `message` to the page, as AuthKit would. */
export const puppetSay = (iframe: HTMLIFrameElement, message: unknown): void => {
  puppetDo(iframe, { puppet: 'say', message });
};

/** Makes the stand-in in this iframe reload itself, or focus its input. */
export const puppetDo = (
  iframe: HTMLIFrameElement,
  command: { puppet: 'reload' } | { puppet: 'focus' } | { puppet: 'say'; message: unknown },
): void => {
  if (!iframe.contentWindow) throw new Error('The iframe is not in the document');
  iframe.contentWindow.postMessage(command, '*');
};

let received: { source: MessageEventSource | null; message: PuppetMessage }[] = [];

window.addEventListener('message', ({ source, data }: MessageEvent<PuppetMessage | null>) => {
  if (data && typeof data === 'object' && 'puppet' in data) {
    received.push({ source, message: data });
  }
});

beforeEach(() => {
  received = [];
});

/**
 * The next report of this kind, from this iframe where one is given: one that has arrived already
 * in this test counts, and each is handed out once.
 */
export const nextPuppetMessage = <Kind extends PuppetMessage['puppet']>(
  kind: Kind,
  iframe?: HTMLIFrameElement,
): Promise<Extract<PuppetMessage, { puppet: Kind }>> =>
  eventually(`the puppet's "${kind}"`, () => {
    const index = received.findIndex(
      ({ source, message }) =>
        message.puppet === kind && (!iframe || source === iframe.contentWindow),
    );
    const [found] = index < 0 ? [] : received.splice(index, 1);
    return found?.message as Extract<PuppetMessage, { puppet: Kind }> | undefined;
  });
