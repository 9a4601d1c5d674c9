import { setTimeout as delay } from 'node:timers/promises';
import { headersOf } from '../backend/credentials.js';

/** As src/endpoints: the time limit of a request, and the longest pause between two. */
const requestTimeoutMs = 20_000;
const maxBackoffMs = 16_000;

export interface NewConnection {
  user: string;
  key: string;
}

/** Save connections as the elements do, at whichever process a balancer happens to choose. */
export class Savers {
  /** How often each was answered: statuses, and `no answer`. */
  readonly answers = new Map<string, number>();
  saved = 0;
  retries = 0;
  readonly #origins: () => string[];
  readonly #waiting = new Map<number, () => void>();
  #next = 0;

  /** @param origins of the processes that a balancer believes to be there */
  constructor(origins: () => string[]) {
    this.#origins = origins;
  }

  /** Resolves when all are stored. */
  async save(connections: readonly NewConnection[], atOnce: number): Promise<void> {
    const waiting = [...connections];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await this.#saveOne(next);
        this.saved += 1;
        this.#waiting.get(this.saved)?.();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  /** Resolves when so many are stored. */
  untilSaved(count: number): Promise<void> {
    if (this.saved >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(count, resolve));
  }

  /** Until it is stored: what an element gives up after a minute, the user's next page sends again. */
  async #saveOne(connection: NewConnection): Promise<void> {
    for (let pauseMs = 500; ; pauseMs = Math.min(2 * pauseMs, maxBackoffMs)) {
      const retryAfterMs = await this.#post(connection);
      if (retryAfterMs === undefined) return;
      this.retries += 1;
      await delay(Math.max(retryAfterMs, pauseMs * (1 - Math.random() / 2)));
    }
  }

  /** @returns for how long the server wants to be left alone; undefined when it has stored the connection */
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
