import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { keyOf, PicaStandIn } from './pica-stand-in.js';
import { BackendFolder, type EarlierRow, type RunningBackend } from './running-backend.js';

export const authkitOrigin = 'https://authkit.example';
export const tokenPath = '/api/authkit/token';
export const connectionsPath = '/api/connections';

/** Next.js itself answers an address that is wrongly encoded. */
const endpoints = /^\/api\/(authkit\/token|connections(\/(?!%E0%A4%A$).+)?)$/;

type Purpose = 'token' | 'connections';

export const { credentialFor } = (await import(
  new URL('../../demo/examples/backends/credential.mjs', import.meta.url).href
)) as {
  credentialFor: (purpose: Purpose, user: string, secret: string, seconds?: number) => string;
};

/** A row as `GET /api/connections` answers it, without what backends may add. */
export interface Row {
  connection_key: string;
  platform: string;
  environment: string;
  state: string;
  /** False for one that Pica has not confirmed yet. */
  confirmed: boolean;
}

interface Question {
  method?: string;
  /** Whose credential for the endpoint is sent along. */
  as?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is; a stream without saying how long it is. */
  bytes?: Uint8Array<ArrayBuffer> | ReadableStream;
  /** Leaves before there is an answer. */
  signal?: AbortSignal;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** What the elements send for what a user has connected. */
export const connectionOf = (key: string) => ({
  platform: 'gmail',
  connection_key: key,
  environment: 'test',
  state: 'operational',
});

/** The headers that say who is signed in, where no credential does. */
type SignIn = (user: string) => Record<string, string>;

const startPica = () => PicaStandIn.start(`sk_test_${randomBytes(16).toString('hex')}`);

/** A backend of demo/examples/backends with Pica's stand-in, asked as pages, AuthKit and attackers ask. */
export class BackendUnderTest {
  readonly pica: PicaStandIn;
  readonly credentialSecret = randomBytes(16).toString('hex');
  readonly #folder: BackendFolder;
  /** Everything that has been answered, to be searched for secrets. */
  #answered = '';
  #ended = '';
  #running: RunningBackend | undefined;

  readonly #signIn: SignIn | undefined;

  private constructor(folder: BackendFolder, pica: PicaStandIn, signIn?: SignIn) {
    this.#folder = folder;
    this.pica = pica;
    this.#signIn = signIn;
  }

  /** A copy of a folder of demo/examples/backends. */
  static async from(source: string): Promise<BackendUnderTest> {
    const folder = await BackendFolder.from(source);
    return new BackendUnderTest(folder, await startPica());
  }

  /** A folder with a server for Node that has a sign-in of its own. */
  static async in(folder: string, signIn: SignIn): Promise<BackendUnderTest> {
    return new BackendUnderTest(BackendFolder.ofNode(folder), await startPica(), signIn);
  }

  /** Starts it, or starts it again, with these settings beside those that it needs. */
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
    this.#ended += this.#running?.output() ?? '';
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

  /** Searches all that it has printed and answered, since it was first started. */
  assertNoSecretSaid(): void {
    const said = this.#ended + (this.#running?.output() ?? '') + this.#answered;
    // Their middles, so that quotes, escapes and what is cut off make no difference.
    for (const secret of [this.pica.secret.slice(8, 24), this.credentialSecret.slice(8, 24)]) {
      const at = said.indexOf(secret);
      assert.equal(at, -1, said.slice(Math.max(at - 300, 0), at + 300));
    }
    assert.deepEqual(this.pica.strayed, [], 'followed a redirect');
  }

  /** Makes what is stored an hour older. It must not be running. */
  age(): Promise<void> {
    assert.equal(this.#running, undefined);
    return this.#folder.age();
  }

  /** Replaces all that is stored by the rows of an earlier version. It must not be running. */
  storeEarlier(rows: EarlierRow[]): Promise<void> {
    assert.equal(this.#running, undefined);
    return this.#folder.storeEarlier(rows);
  }

  /** Takes the right to change what is stored. @returns what gives it back */
  allowOnlyReading(): Promise<() => Promise<void>> {
    return this.#folder.allowOnlyReading();
  }

  /** Makes what is stored unreadable. @returns what makes it readable again */
  breakStore(): Promise<() => Promise<void>> {
    return this.#folder.breakStore();
  }

  /** Another process takes what is stored for itself. @returns what ends that; undefined where nothing is locked */
  lockStore(): Promise<(() => Promise<void>) | undefined> {
    return this.#folder.lockStore();
  }

  /** The headers that say who is asking. */
  credential(purpose: Purpose, user: string): Record<string, string> {
    if (this.#signIn) return this.#signIn(user);
    return { authorization: `Bearer ${credentialFor(purpose, user, this.credentialSecret)}` };
  }

  async ask(path: string, question: Question = {}): Promise<Answer> {
    const { method = 'GET', as, headers = {}, body, bytes, signal } = question;
    const purpose = path === tokenPath ? 'token' : 'connections';
    const response = await fetch(this.origin + path, {
      method,
      headers: {
        ...(as !== undefined && this.credential(purpose, as)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(bytes !== undefined && { body: bytes, duplex: 'half' as const }),
      // Longer than any backend may take, so that one that hangs is a failed test.
      signal: signal ?? AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    this.#answered += `${[...response.headers].join('\n')}\n${text}\n`;
    // No page for people, no warning in front: whoever asks is a program. What is no endpoint is the framework's.
    if (text !== '' && endpoints.test(path)) {
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/, text);
      assert.doesNotThrow(() => JSON.parse(text), text);
    }
    return { status: response.status, headers: response.headers, text };
  }

  /** What AuthKit's page asks. */
  askForToken(headers: Record<string, string>): Promise<Answer> {
    return this.ask(tokenPath, {
      method: 'POST',
      headers: { origin: authkitOrigin, ...headers },
      body: {},
    });
  }

  async rowsOf(user: string): Promise<Row[]> {
    const { status, text } = await this.ask(connectionsPath, { as: user });
    assert.equal(status, 200, text);
    return (JSON.parse(text) as (Omit<Row, 'confirmed'> & { confirmed?: unknown })[]).map((row) => {
      const { platform, connection_key, environment, state, confirmed = true } = row;
      assert.equal(typeof confirmed, 'boolean');
      return { platform, connection_key, environment, state, confirmed: confirmed as boolean };
    });
  }

  store(user: string, body: unknown): Promise<Answer> {
    return this.ask(connectionsPath, { method: 'POST', as: user, body });
  }

  delete(user: string, key: string): Promise<Answer> {
    return this.ask(`${connectionsPath}/${encodeURIComponent(key)}`, {
      method: 'DELETE',
      as: user,
    });
  }

  /** What AuthKit does when a user has connected: Pica has it from then on. */
  connect(user: string, key = keyOf(user)) {
    this.pica.vault.add({ platform: 'gmail', key, identity: user, identityType: 'user' });
    return connectionOf(key);
  }

  /** A user says that a key is theirs, and is not believed. */
  async claimInVain(user: string, key: string): Promise<void> {
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
