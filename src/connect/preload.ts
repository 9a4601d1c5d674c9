import type { AuthKitSession } from '../authkit/session.js';
import { authkitNames, type ResolvedOption } from './authkit-options.js';

/** An element that preloads AuthKit's page. */
interface Host extends HTMLElement {
  preload: string | null;
  tokenHeaders: unknown;
  readonly isDisabled?: boolean;
}

/** A preloaded page is out of date as soon as one of these properties of its element changes. */
const relevantOptions = Object.keys({
  ...authkitNames,
  tokenUrl: 1,
  tokenHeaders: 1,
  tokenCheck: 1,
  selectedConnection: 1,
  baseUrl: 1,
  appTheme: 1,
  timeout: 1,
} satisfies Record<
  keyof typeof authkitNames | ResolvedOption | 'selectedConnection',
  string | number
>);

/** A preloaded page is removed after this long without a click. */
const maxAgeMs = 60_000;

/** Loads AuthKit's page hidden when a click on an element is likely, so that the click only has to show it. */
export class Preload {
  readonly #host: Host;
  #session: AuthKitSession | undefined;
  /** The relevant options when the session was created. */
  #snapshot = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Preloads AuthKit's page, unless the click could not use it.
   * @param createSession creates the session that a click would open.
   * @param check the check of the token endpoint, if there is one. Without a token, AuthKit's page would show an error
   *   that may be out of date when the user clicks.
   */
  async begin(
    createSession: () => AuthKitSession,
    check: Promise<{ fault?: unknown }> | undefined,
  ): Promise<void> {
    const snapshot = this.#takeSnapshot();
    if ((await check)?.fault || !this.#isWanted || snapshot !== this.#takeSnapshot()) return;
    const session = createSession();
    if (this.#isSame(session)) return;
    this.#drop();
    this.#snapshot = snapshot;
    this.#session = session;
    session.preload();
    if (!session.isPreloaded) return;
    this.#timer = setTimeout(this.#drop, maxAgeMs);
  }

  /** The host has changed: drops the page if a click would not open it any more. */
  review(): void {
    if (this.#session && !(this.#isWanted && this.#snapshot === this.#takeSnapshot())) this.#drop();
  }

  /**
   * Gives the preloaded session away, to be opened.
   * @param session what the click would open otherwise.
   * @returns the preloaded one, if it has the same options.
   */
  take(session: AuthKitSession): AuthKitSession | undefined {
    const preloaded = this.#isWanted && this.#isSame(session) ? this.#session : undefined;
    if (preloaded) this.#session = undefined;
    this.#drop();
    return preloaded;
  }

  get #isWanted(): boolean {
    const { isConnected, preload, tokenHeaders, isDisabled } = this.#host;
    const { connection } = navigator as { connection?: { saveData?: boolean } };
    return (
      isConnected &&
      preload === 'page' &&
      !isDisabled &&
      // A function is called at each opening, for headers that are valid then.
      typeof tokenHeaders !== 'function' &&
      !connection?.saveData
    );
  }

  #takeSnapshot(): string {
    const values = this.#host as unknown as Record<string, unknown>;
    return JSON.stringify(relevantOptions.map((name) => values[name]));
  }

  #isSame(other: AuthKitSession): boolean {
    return this.#session?.isPreloaded === true && describe(this.#session) === describe(other);
  }

  #drop = (): void => {
    clearTimeout(this.#timer);
    this.#session?.end('api');
    this.#session = undefined;
  };
}

/** Everything that AuthKit's page and the dialog around it have been told, for a comparison. */
function describe({ options }: AuthKitSession): string {
  return JSON.stringify({
    ...options,
    opener: '',
    selectedConnection: options.selectedConnection(),
  });
}
