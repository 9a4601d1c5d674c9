import { setTimeout as delay } from 'node:timers/promises';
import { headersOf } from '../backend/credentials.js';

/** The request timeout and the longest pause between retries, both with the values of src/endpoints. */
const requestTimeoutMs = 20_000;
const maxBackoffMs = 16_000;

export interface NewConnection {
  user: string;
  key: string;
}

/** Saves connections as the elements do. Each request goes to the next process, as with a load balancer. */
export class Savers {
  /** How often each answer occurred: a status or `no answer`. */
  readonly answers = new Map<string, number>();
  saved = 0;
  retries = 0;
  readonly #origins: () => string[];
  readonly #waiting = new Map<number, () => void>();
  #next = 0;

  /** @param origins the processes that a load balancer would consider alive */
  constructor(origins: () => string[]) {
    this.#origins = origins;
  }

  /** Resolves when all connections are stored. */
  async save(connections: readonly NewConnection[], concurrency: number): Promise<void> {
    const waiting = [...connections];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await this.#saveOne(next);
        this.saved += 1;
        this.#waiting.get(this.saved)?.();
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }

  /** Resolves when this many connections are stored. */
  untilSaved(count: number): Promise<void> {
    if (this.saved >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(count, resolve));
  }

  /** Retries until the connection is stored. An element stops after a minute, but the user's next page goes on. */
  async #saveOne(connection: NewConnection): Promise<void> {
    for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, maxBackoffMs)) {
      const retryAfterMs = await this.#post(connection);
      if (retryAfterMs === undefined) return;
      this.retries += 1;
      await delay(Math.max(retryAfterMs, pauseMs * (1 - Math.random() / 2)));
    }
  }

  /** @returns the milliseconds to wait before a retry, or undefined if the connection was stored */
  async #post({ user, key }: NewConnection): Promise<number | undefined> {
    const origins = this.#origins();
    const origin = origins[this.#next++ % origins.length] ?? '';
    let response: Response;
    try {
      response = await fetch(`${origin}/api/connections`, {
        method: 'POST',
        headers: { ...headersOf(user), 'content-type': 'application/json' },
        body: JSON.stringify({ platform: 'gmail', connection_key: key, environment: 'test' }),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      await response.arrayBuffer();
    } catch {
      this.#count('no answer');
      return 0;
    }
    const { ok, status, headers } = response;
    const retryAfter = headers.get('retry-after');
    this.#count(`${status}${retryAfter === null ? '' : ', Retry-After'}`);
    if (ok) return undefined;
    const isTemporary = status === 408 || status === 429 || status >= 500;
    if (!isTemporary) throw new Error(`${key}: ${status}, which no element would repeat`);
    return Number(retryAfter ?? 0) * 1000;
  }

  #count(answer: string): void {
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
  }
}
