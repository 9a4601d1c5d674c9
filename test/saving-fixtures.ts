import type { PicaConnectButton } from '../src/classes.js';
import { mountButton, nextEvent, openAuthKit, record, succeed } from './fixtures.js';
import { endpoints } from './servers/origins.js';
import { requests, uniqueName } from './servers/puppet-client.js';
import type { ReceivedRequest } from './servers/protocol.js';

const setTimeoutOfTheBrowser = window.setTimeout.bind(window);
let waits: number[] = [];

afterEach(() => {
  window.setTimeout = setTimeoutOfTheBrowser;
  waits = [];
});

/**
 * Cuts what is waited for from now on short, where that is a quarter of a second or more, and remembers how
 * long it was to be: what is repeated for a minute need not take one here.
 */
const cutWaitsShort = () => {
  const short = (handler: () => void, milliseconds = 0) => {
    const isLong = milliseconds >= 250;
    if (isLong) waits.push(milliseconds);
    return setTimeoutOfTheBrowser(handler, isLong ? 1 : milliseconds);
  };
  window.setTimeout = short as typeof window.setTimeout;
};

/** How long, in milliseconds, has been waited for since the connection was made. */
export const waitsSoFar = () => waits;

export const connectionsUrl = (scope: string) => `${endpoints}/${scope}/connections`;

/** A button that stores what it connects at the endpoint of a scope of its own. */
export const mountStoringButton = async (properties: Partial<PicaConnectButton> = {}) => {
  const scope = uniqueName();
  const button = await mountButton({ connectionsUrl: connectionsUrl(scope), ...properties });
  return { scope, button };
};

/** Makes a connection with it; AuthKit stays open. From then on, waiting takes no time. */
export const connect = async (button: PicaConnectButton, key?: string, more?: object) => {
  window.setTimeout = setTimeoutOfTheBrowser;
  const opened = await openAuthKit(button);
  cutWaitsShort();
  const heard = nextEvent('pica-success', button);
  succeed(opened.frame, record(key, more));
  await heard;
  return opened;
};

/** The POSTs that the endpoint of a scope has received. */
export const posts = async (scope: string): Promise<ReceivedRequest[]> =>
  (await requests(scope)).filter(({ method }) => method === 'POST');

/** Waits until the endpoint of a scope has received so many POSTs. */
export const manyPosts = async (scope: string, count: number): Promise<ReceivedRequest[]> => {
  let received = await posts(scope);
  while (received.length < count) received = await posts(scope);
  return received;
};
