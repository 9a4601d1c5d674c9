import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, suite, test } from 'node:test';
import { startBackend, type Backend, type BackendOptions } from '../../demo/app/backend/server.js';
import { startBackendProcess, type BackendProcess } from './backend-process.js';
import { credentialSecret, headersOf } from './credentials.js';
import { guard, poll } from './hang-guard.js';
import { secret, startPica, type PicaStandIn } from './pica-stand-in.js';
import { ask, authkitOrigin } from './test-backend.js';
import { adminUrl, createTestDatabase } from './test-database.js';

const options = (picaApi: string): BackendOptions => ({
  database: 'memory://',
  picaSecret: secret,
  picaApi,
  authkitOrigin,
  credentialSecrets: [credentialSecret],
  logLevel: 'silent',
});

interface ReceivedResponse {
  status: number | undefined;
  connection: string | undefined;
  text: string;
}

interface SendOptions {
  agent?: Agent;
  user?: string;
  method?: string;
  body?: string;
}

/** Sends a request with node:http, whose agents keep connections. Rejects on any error of the connection. */
function send(
  origin: string,
  path: string,
  { agent, user = 'ada', method = 'GET', body }: SendOptions = {},
): Promise<ReceivedResponse> {
  const headers = {
    ...headersOf(user, path),
    ...(body !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }),
  };
  const answer = new Promise<ReceivedResponse>((resolve, reject) => {
    const sent = httpRequest(origin + path, { agent, method, headers });
    sent.once('error', reject);
    sent.once('response', (response) => void read(response).then(resolve, reject));
    sent.end(body);
  });
  return guard(`an answer to ${method} ${path}`, answer);
}

async function read(response: IncomingMessage): Promise<ReceivedResponse> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return { status: response.statusCode, connection: response.headers.connection, text };
}

/** A TCP connection on which a test decides what is sent, and when. */
class RawConnection {
  readonly #socket: Socket;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => (this.#received += text));
  }

  static async open(origin: string): Promise<RawConnection> {
    // Half open, so that it can still send after the server has ended its side.
    const socket = connect({ port: Number(new URL(origin).port), allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  get(path: string): void {
    this.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  }

  /** Waits for the next answer. Throws if the connection fails or ends first. */
  async answer(): Promise<string> {
    for (;;) {
      const match = /^HTTP[^]*?\r\n\r\n/.exec(this.#received);
      const length = Number(/content-length: (\d+)/i.exec(match?.[0] ?? '')?.[1]);
      const end = (match?.[0].length ?? 0) + length;
      if (match && this.#received.length >= end) {
        const answer = this.#received.slice(0, end);
        this.#received = this.#received.slice(end);
        return answer;
      }
      if (this.#socket.destroyed || this.#socket.readableEnded)
        throw new Error('The connection ended without an answer');
      const more = Promise.race([once(this.#socket, 'data'), once(this.#socket, 'end')]);
      await guard('an answer', more, () => this.#received);
    }
  }

  /** Waits until the server has ended its side. */
  async ended(): Promise<void> {
    if (this.#socket.readableEnded) return;
    await guard('the end of a connection', once(this.#socket, 'end'), () => this.#received);
  }

  /** Waits until both halves are closed; throws if the other side resets it. */
  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.end();
    await guard('a closed connection', closed, () => this.#received);
  }
}

const headOfPost = (...headers: string[]) =>
  [
    ...['POST /api/connections HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json'],
    ...[...headers, '', ''],
  ].join('\r\n');

/** Waits until the server accepts no more connections. */
async function waitUntilNotListening(origin: string): Promise<void> {
  const isListening = () =>
    RawConnection.open(origin)
      .then((connection) => connection.close())
      .then(
        () => true,
        () => false,
      );
  await poll('the end of listening', isListening, (listens) => !listens);
}

const connectionClose = /^connection: close\r$/im;

suite('shutdown', () => {
  let pica: PicaStandIn;
  let backend: Backend;
  let agent: Agent;
  /** After {@link delayToken}, Pica emits `reached` and waits for `release`. */
  const steps = new EventEmitter();

  before(async () => {
    pica = await startPica();
  });
  after(() => pica.close());
  afterEach(async () => {
    steps.emit('release');
    agent.destroy();
    await backend.close();
    pica.reset();
  });

  async function start(overrides: Partial<BackendOptions> = {}): Promise<void> {
    agent = new Agent({ keepAlive: true });
    backend = await startBackend({
      ...options(pica.origin),
      drainMs: 200,
      ...overrides,
    });
  }

  /** Delays Pica's tokens until `steps` emits `release`. Resolves when Pica gets a request for one. */
  async function delayToken(): Promise<void> {
    const reached = once(steps, 'reached');
    pica.answers.set('/v1/authkit', async () => {
      steps.emit('reached');
      await once(steps, 'release');
      return Response.json({ rows: [], pages: 1 });
    });
    await guard('a request to Pica', reached);
  }

  /** Waits until the server has read what was sent so far. It accepts and reads connections in order. */
  const waitUntilRead = () => send(backend.origin, '/healthz', { agent: new Agent() });

  const token = () => send(backend.origin, '/api/authkit/token', { agent, method: 'POST' });
  const list = () => send(backend.origin, '/api/connections', { agent });

  test('lets a pending request finish, and then closes its connection', async () => {
    await start();
    assert.equal((await list()).connection, 'keep-alive');
    const reached = delayToken();
    const pending = token();
    await reached;
    const closed = backend.close();
    await waitUntilNotListening(backend.origin);
    steps.emit('release');
    const { status, connection, text } = await pending;
    assert.deepEqual([status, connection], [200, 'close']);
    assert.match(text, /"rows":\[\]/);
    await closed;
  });

  test('serves old and new connections while it drains, and closes each after the answer', async () => {
    await start({ drainMs: 1000 });
    const idle = await RawConnection.open(backend.origin);
    idle.get('/healthz');
    assert.doesNotMatch(await idle.answer(), connectionClose);
    const closed = backend.close();
    idle.get('/healthz');
    assert.match(await idle.answer(), connectionClose);
    await idle.ended();
    const { status, connection } = await list();
    assert.deepEqual([status, connection], [200, 'close']);
    await closed;
  });

  test('still confirms a saved connection while it drains', async () => {
    await start({ drainMs: 2000 });
    pica.addToVault('ada', 'saved-late');
    const closed = backend.close();
    const body = { platform: 'gmail', connection_key: 'saved-late' };
    const { status } = await ask(backend, 'POST', '/api/connections', { user: 'ada', body });
    assert.equal(status, 201);
    await closed;
  });

  for (const [name, isUsed] of [
    ['an idle connection', true],
    ['a connection that was opened and never used', false],
  ] as const) {
    test(`answers a request that arrives on ${name} after the server has stopped listening`, async () => {
      await start();
      const connection = await RawConnection.open(backend.origin);
      if (isUsed) {
        connection.get('/healthz');
        await connection.answer();
      } else {
        await waitUntilRead();
      }
      const closed = backend.close();
      await waitUntilNotListening(backend.origin);
      connection.get('/api/config');
      const answer = await connection.answer();
      assert.match(answer, /^HTTP\/1.1 200/);
      assert.match(answer, connectionClose);
      await connection.close();
      await closed;
    });
  }

  test('waits for a body that is still being sent', async () => {
    await start();
    pica.addToVault('ada', 'sent-slowly');
    const body = JSON.stringify({ platform: 'gmail', connection_key: 'sent-slowly' });
    const { authorization } = headersOf('ada', '/api/connections');
    const sending = await RawConnection.open(backend.origin);
    const head = headOfPost(`Authorization: ${authorization}`, `Content-Length: ${body.length}`);
    sending.write(head + body.slice(0, 10));
    await waitUntilRead();
    const closed = backend.close();
    await waitUntilNotListening(backend.origin);
    sending.write(body.slice(10));
    const answer = await sending.answer();
    assert.match(answer, /^HTTP\/1.1 20[12]/);
    assert.match(answer, connectionClose);
    await closed;
  });

  test('does not reset a connection that is still sending the body of a refused request', async () => {
    await start();
    const sending = await RawConnection.open(backend.origin);
    const closed = backend.close();
    sending.write(headOfPost('Content-Length: 10000'));
    const answer = await sending.answer();
    assert.match(answer, /^HTTP\/1.1 401/);
    assert.match(answer, connectionClose);
    await sending.ended();
    sending.write(' '.repeat(5000));
    sending.write(' '.repeat(5000));
    await sending.close();
    await closed;
  });

  test('cuts off a request that hangs', async () => {
    await start({ drainMs: 0, closeTimeoutMs: 100 });
    const reached = delayToken();
    const hanging = token();
    await reached;
    const closed = backend.close();
    await assert.rejects(hanging, { code: 'ECONNRESET' });
    await closed;
  });

  test('does not wait for connections without a request if it does not drain', async () => {
    await start({ drainMs: 0, closeTimeoutMs: 60_000 });
    const [unused, idle] = [
      await RawConnection.open(backend.origin),
      await RawConnection.open(backend.origin),
    ];
    idle.get('/healthz');
    await idle.answer();
    await Promise.all([backend.close(), unused.ended(), idle.ended()]);
  });

  test('can be requested twice, and lets a running request finish before the server ends', async () => {
    await start({ drainMs: 0 });
    const reached = delayToken();
    const running = ask(backend, 'POST', '/api/authkit/token', { user: 'one' });
    await reached;
    const closed = Promise.all([backend.close(), backend.close()]);
    await assert.rejects(fetch(backend.origin));
    steps.emit('release');
    assert.equal((await running).status, 200);
    await closed;
  });
});

suite(
  'shutdown under load',
  { skip: !adminUrl && 'only one process can open the embedded database' },
  () => {
    test('resets no request of clients that change to another process when told to', async (context) => {
      const pica = await startPica();
      const database = await createTestDatabase();
      const balancer = new Balancer();
      context.after(async () => {
        await balancer.close();
        await pica.close();
        await database.drop();
      });
      const start = async () => {
        const process = await startBackendProcess({
          ...options(pica.origin),
          ...{ database: database.location, logLevel: 'info' },
          ...{ drainMs: 1000, closeTimeoutMs: 3000 },
        });
        balancer.add(process);
        return process;
      };
      const processes = await Promise.all([start(), start()]);

      let isOver = false;
      const clients = Array.from({ length: 12 }, async (_, number) => {
        // Each client has its own user. Otherwise, clients would wait for each other's locks.
        const user = `user-${number}`;
        for (let count = 0; !isOver; count++) {
          const key = `saved-${number}-${count}`;
          const body = JSON.stringify({ platform: 'gmail', connection_key: key });
          const isSave = number % 3 === 0;
          if (isSave) pica.addToVault(user, key);
          const sendOptions = isSave ? { user, method: 'POST', body } : { user };
          const { status, text } = await balancer.send(sendOptions);
          assert.ok([200, 201, 202, 429].includes(status ?? 0), `${status}: ${text}`);
        }
      });
      const load = Promise.all(clients);
      const replaceAll = async () => {
        for (const ending of processes) {
          // The new process starts before the old one ends, as in a rolling deployment.
          await start();
          const connections = await Promise.all(
            Array.from({ length: 20 }, () => RawConnection.open(ending.origin)),
          );
          for (const connection of connections.slice(10)) {
            connection.get('/healthz');
            await connection.answer();
          }
          ending.terminate();
          for (const connection of connections) connection.get('/healthz');
          // Processes can get the signal twice: some managers signal the whole group, and npm forwards the signal.
          ending.terminate();
          for (const connection of connections) {
            assert.match(await connection.answer(), /^HTTP\/1.1 200/);
            await connection.close();
          }
          await ending.ended();
          assert.match(ending.printed(), /"msg":"ended"/);
        }
        isOver = true;
      };
      await Promise.all([load, replaceAll()]);
      assert.equal(balancer.endingCount, processes.length);
    });
  },
);

/** Sends requests to all processes in turn, over kept connections. Skips a process after its first `Connection: close`. */
class Balancer {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #processes: BackendProcess[] = [];
  readonly #ending = new Set<BackendProcess>();
  #next = 0;

  /** The number of processes that have sent `Connection: close`. */
  get endingCount(): number {
    return this.#ending.size;
  }

  add(process: BackendProcess): void {
    this.#processes.push(process);
  }

  async send(overrides: SendOptions): Promise<ReceivedResponse> {
    const candidates = this.#processes.filter((process) => !this.#ending.has(process));
    const process = candidates[this.#next++ % candidates.length];
    assert.ok(process);
    const response = await send(process.origin, '/api/connections', {
      ...overrides,
      agent: this.#agent,
    });
    if (response.connection === 'close') this.#ending.add(process);
    return response;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await Promise.all(this.#processes.map((process) => process.kill()));
  }
}
