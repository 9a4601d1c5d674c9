import type { AuthKitSession } from './session.js';

/** What of an element decides whether AuthKit's page is loaded ahead, and which. */
interface Host extends HTMLElement {
  preload: string | null;
  tokenHeaders: unknown;
  readonly isDisabled?: boolean;
}

/** What AuthKit is told, and of what nothing else than the host itself can tell that it has changed. */
const told = [
  ...['tokenUrl', 'tokenHeaders', 'tokenCheck', 'selectedConnection', 'baseUrl', 'appTheme'],
  ...['modalTitle', 'imageUrl', 'companyName', 'showNameInput', 'timeout'],
];

/** Milliseconds for which AuthKit's page waits for a click. */
const patience = 60_000;

/** AuthKit's page, loaded hidden when a click on an element is expected, for that click to show it. */
export class Preload {
  readonly #host: Host;
  #session: AuthKitSession | undefined;
  /** What the host had said when the session was made. */
  #told = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * A click is expected.
   * @param createSession makes the session that it would open; throws where that cannot be.
   * @param checked what comes of asking the token endpoint: without a token AuthKit's page would show an error
   *   that may be out of date at the click.
   */
  async begin(
    createSession: () => AuthKitSession,
    checked: Promise<{ fault?: unknown }> | undefined,
  ): Promise<void> {
    const told = this.#describe();
    if ((await checked)?.fault || !this.#isWanted || told !== this.#describe()) return;
    const session = createSession();
    if (this.#isSame(session)) return;
    this.#drop();
    this.#told = told;
    this.#session = session;
    session.preload();
    if (!session.isAhead) return;
    this.#timer = setTimeout(this.#drop, patience);
  }

  /** Something about the host has changed: throws the page away if that is not what a click would open. */
  review(): void {
    if (this.#session && !(this.#isWanted && this.#told === this.#describe())) this.#drop();
  }

  /**
   * The click is here.
   * @param fresh what it would open.
   * @returns the same with its page loaded, or on the way, where there is that.
   */
  take(fresh: AuthKitSession): AuthKitSession | undefined {
    const session = this.#isWanted && this.#isSame(fresh) ? this.#session : undefined;
    if (session) this.#session = undefined;
    this.#drop();
    return session;
  }

  get #isWanted(): boolean {
    const { isConnected, preload, tokenHeaders, isDisabled } = this.#host;
    const { connection } = navigator as { connection?: { saveData?: boolean } };
    return (
      isConnected &&
      preload === 'page' &&
      !isDisabled &&
      // It is called at each opening.
      typeof tokenHeaders !== 'function' &&
      !connection?.saveData
    );
  }

  #describe(): string {
    const values = this.#host as unknown as Record<string, unknown>;
    return JSON.stringify(told.map((name) => values[name]));
  }

  #isSame(other: AuthKitSession): boolean {
    return this.#session?.isAhead === true && optionsOf(this.#session) === optionsOf(other);
  }

  #drop = (): void => {
    clearTimeout(this.#timer);
    this.#session?.end('api');
    this.#session = undefined;
  };
}

/** All that AuthKit's page and the dialog around it have been told. */
function optionsOf({ options }: AuthKitSession): string {
  return JSON.stringify({
    ...options,
    opener: '',
    selectedConnection: options.selectedConnection(),
  });
}
