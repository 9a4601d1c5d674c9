import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { keyOf, PicaStandIn } from './pica-stand-in.js';
import { BackendFolder, type EarlierRow, type RunningBackend } from './running-backend.js';

export const authkitOrigin = 'https://authkit.example';
export const tokenPath = '/api/authkit/token';
export const connectionsPath = '/api/connections';

/** The paths that the backend itself handles. Next.js handles incorrectly encoded ones. */
const endpoints = /^\/api\/(authkit\/token|connections(\/(?!%E0%A4%A$).+)?)$/;

type Purpose = 'token' | 'connections';

export const { credentialFor } = (await import(
  new URL('../../demo/examples/backends/credential.mjs', import.meta.url).href
)) as {
  credentialFor: (purpose: Purpose, user: string, secret: string, seconds?: number) => string;
};

/** A row of `GET /api/connections`, without columns that only some backends have. */
export interface Row {
  connection_key: string;
  platform: string;
  environment: string;
  state: string;
  /** False until Pica confirms that the user owns the connection. */
  confirmed: boolean;
}

interface RequestOptions {
  method?: string;
  /** The user whose credential is sent. */
  user?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent unchanged. A stream is sent without a length. */
  bytes?: Uint8Array<ArrayBuffer> | ReadableStream;
  /** Cancels the request. */
  signal?: AbortSignal;
}

interface BackendResponse {
  status: number;
  headers: Headers;
  text: string;
}

/** The body that the elements send for a connection. */
export const connectionOf = (key: string) => ({
  platform: 'gmail',
  connection_key: key,
  environment: 'test',
  state: 'operational',
});

/** Returns headers that identify a signed-in user, for a backend without credentials. */
type SignIn = (user: string) => Record<string, string>;

const startPica = () => PicaStandIn.start(`sk_test_${randomBytes(16).toString('hex')}`);

/** Runs a backend of demo/examples/backends with a stand-in for Pica, and sends requests to it. */
export class BackendUnderTest {
  readonly pica: PicaStandIn;
  readonly credentialSecret = randomBytes(16).toString('hex');
  readonly #folder: BackendFolder;
  /** All responses, which are searched for secrets. */
  #responses = '';
  /** The output of processes that have ended. */
  #endedOutput = '';
  #running: RunningBackend | undefined;

  readonly #signIn: SignIn | undefined;

  private constructor(folder: BackendFolder, pica: PicaStandIn, signIn?: SignIn) {
    this.#folder = folder;
    this.pica = pica;
    this.#signIn = signIn;
  }

  /** Copies a folder of demo/examples/backends. */
  static async from(source: string): Promise<BackendUnderTest> {
    const folder = await BackendFolder.from(source);
    return new BackendUnderTest(folder, await startPica());
  }

  /** Uses a folder with a Node server that identifies users by its own sign-in. */
  static async in(folder: string, signIn: SignIn): Promise<BackendUnderTest> {
    return new BackendUnderTest(BackendFolder.ofNode(folder), await startPica(), signIn);
  }

  /** Starts or restarts it with the required settings and these. */
  async start(settings: Record<string, string> = {}): Promise<void> {
    await this.stop();
    this.#running = await this.#folder.start({
      PICA_SECRET_KEY: this.pica.secret,
      CREDENTIAL_SECRET: this.credentialSecret,
      PICA_API: this.pica.origin,
      AUTHKIT_ORIGIN: authkitOrigin,
      ...settings,
    });
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#endedOutput += this.#running?.output() ?? '';
    this.#running = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.#folder.remove();
    await this.pica.close();
  }

  get name(): string {
    return this.#folder.name;
  }

  get folder(): string {
    return this.#folder.folder;
  }

  get origin(): string {
    assert.ok(this.#running);
    return this.#running.origin;
  }

  /** Searches everything that it has printed and sent since its first start. */
  assertNoSecretLeaked(): void {
    const output = this.#endedOutput + (this.#running?.output() ?? '') + this.#responses;
    // Only the middle of each secret, to also find it truncated or with escaped characters around it.
    for (const secret of [this.pica.secret.slice(8, 24), this.credentialSecret.slice(8, 24)]) {
      const index = output.indexOf(secret);
      assert.equal(index, -1, output.slice(Math.max(index - 300, 0), index + 300));
    }
    assert.deepEqual(this.pica.redirectedRequests, [], 'followed a redirect');
  }

  /** Makes all stored rows an hour older. The backend mustn't be running. */
  ageRows(): Promise<void> {
    assert.equal(this.#running, undefined);
    return this.#folder.ageRows();
  }

  /** Replaces the store by one of an earlier version with these rows. The backend mustn't be running. */
  storeEarlierRows(rows: EarlierRow[]): Promise<void> {
    assert.equal(this.#running, undefined);
    return this.#folder.storeEarlierRows(rows);
  }

  /** Makes the store read-only. @returns a function that restores it */
  makeStoreReadOnly(): Promise<() => Promise<void>> {
    return this.#folder.makeStoreReadOnly();
  }

  /** Makes the store unreadable. @returns a function that restores it */
  corruptStore(): Promise<() => Promise<void>> {
    return this.#folder.corruptStore();
  }

  /** Locks the store from another process. @returns a function that unlocks it, or undefined if it can't be locked */
  lockStore(): Promise<(() => Promise<void>) | undefined> {
    return this.#folder.lockStore();
  }

  /** The headers that identify a user. */
  credential(purpose: Purpose, user: string): Record<string, string> {
    if (this.#signIn) return this.#signIn(user);
    return { authorization: `Bearer ${credentialFor(purpose, user, this.credentialSecret)}` };
  }

  async request(path: string, options: RequestOptions = {}): Promise<BackendResponse> {
    const { method = 'GET', user, headers = {}, body, bytes, signal } = options;
    const purpose = path === tokenPath ? 'token' : 'connections';
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        // In Node 20 and 22, reading a compressed response may never end after the request is canceled.
        'accept-encoding': 'identity',
        ...(user !== undefined && this.credential(purpose, user)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(bytes !== undefined && { body: bytes, duplex: 'half' as const }),
      // Backends respond earlier. One that hangs fails the test.
      signal: signal ?? AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    this.#responses += `${[...response.headers].join('\n')}\n${text}\n`;
    // Clients of the endpoints are programs, so a response has no HTML, and no warnings in front of the JSON.
    if (text !== '' && endpoints.test(path)) {
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/, text);
      assert.doesNotThrow(() => JSON.parse(text), text);
    }
    return { status: response.status, headers: response.headers, text };
  }

  /** Sends the request of AuthKit's page. */
  requestToken(headers: Record<string, string>): Promise<BackendResponse> {
    return this.request(tokenPath, {
      method: 'POST',
      headers: { origin: authkitOrigin, ...headers },
      body: {},
    });
  }

  async rowsOf(user: string): Promise<Row[]> {
    const { status, text } = await this.request(connectionsPath, { user });
    assert.equal(status, 200, text);
    return (JSON.parse(text) as (Omit<Row, 'confirmed'> & { confirmed?: unknown })[]).map((row) => {
      const { platform, connection_key, environment, state, confirmed = true } = row;
      assert.equal(typeof confirmed, 'boolean');
      return { platform, connection_key, environment, state, confirmed: confirmed as boolean };
    });
  }

  store(user: string, body: unknown): Promise<BackendResponse> {
    return this.request(connectionsPath, { method: 'POST', user, body });
  }

  delete(user: string, key: string): Promise<BackendResponse> {
    return this.request(`${connectionsPath}/${encodeURIComponent(key)}`, {
      method: 'DELETE',
      user,
    });
  }

  /** Connects an account, as AuthKit would: adds it to Pica's vault. */
  connect(user: string, key = keyOf(user)) {
    this.pica.vault.add({ platform: 'gmail', key, identity: user, identityType: 'user' });
    return connectionOf(key);
  }

  /** Stores a key that isn't the user's at Pica, and asserts that it stays unconfirmed. */
  async claimWithoutOwnership(user: string, key: string): Promise<void> {
    const { status, text } = await this.store(user, connectionOf(key));
    assert.equal(status, 202, text);
    const { state, confirmed } = JSON.parse(text) as Row;
    assert.deepEqual({ state, confirmed }, { state: 'unknown', confirmed: false });
    assert.deepEqual(await this.rowsOf(user), [unconfirmed(key)]);
  }
}

export const confirmed = (key: string): Row => ({ ...connectionOf(key), confirmed: true });
export const unconfirmed = (key: string): Row => ({
  ...connectionOf(key),
  state: 'unknown',
  confirmed: false,
});
