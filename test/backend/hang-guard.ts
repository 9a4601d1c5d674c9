import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';

/*
 * Tests wait for states of the database and of other processes. If such a state never comes, a test without a limit
 * hangs, and nobody learns where.
 */

/** Nothing that these tests wait for takes nearly as long, even on a busy machine. */
const limitMs = 60_000;

const pollIntervalMs = 20;

/** Returns what the promise does, but rejects after a minute. The work behind the promise goes on. */
export async function guard<Result>(
  what: string,
  promise: Promise<Result>,
  lastSeen?: () => unknown,
): Promise<Result> {
  // Created here, because a timer's stack doesn't name the test.
  const error = new Error();
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const seen = lastSeen ? `. Seen last: ${inspect(lastSeen())}` : '';
      error.message = `Waited a minute for ${what}${seen}`;
      reject(error);
    }, limitMs);
  });
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a value until it is as expected, and returns it. */
export async function poll<Value>(
  what: string,
  read: () => Value | Promise<Value>,
  isExpected: (value: Value) => boolean,
): Promise<Value> {
  let isOver = false;
  let value: Value | undefined;
  const reading = async (): Promise<Value> => {
    for (;;) {
      const current = await read();
      value = current;
      if (isOver || isExpected(current)) return current;
      await delay(pollIntervalMs);
    }
  };
  try {
    return await guard(what, reading(), () => value);
  } finally {
    isOver = true;
  }
}
