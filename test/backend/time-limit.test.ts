import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { withTimeLimit } from '../../demo/app/backend/time-limit.js';

const overdue = new Error('The time is up.');

suite('a time limit', () => {
  test('ends the task with its reason', async () => {
    await assert.rejects(
      withTimeLimit(1, overdue, [], async (signal) => {
        await once(signal, 'abort');
        throw signal.reason as Error;
      }),
      overdue,
    );
  });

  test('passes on the reasons of other signals, as errors', async () => {
    const controller = new AbortController();
    await withTimeLimit(60_000, overdue, [controller.signal], async (signal) => {
      controller.abort('The client has gone.');
      await Promise.resolve();
      assert.ok(signal.aborted);
      assert.ok(signal.reason instanceof Error);
      assert.equal(signal.reason.cause, 'The client has gone.');
    });
  });

  test('ends at once if a signal was aborted before', async () => {
    const reason = new Error('Closing.');
    await withTimeLimit(60_000, overdue, [AbortSignal.abort(reason)], (signal) => {
      assert.equal(signal.reason, reason);
      return Promise.resolve();
    });
  });

  test('is not garbage-collected while only the task refers to it', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const ended = withTimeLimit(50, overdue, [new AbortController().signal], async (signal) => {
      await once(signal, 'abort');
      return 'ended';
    });
    let result: string | undefined;
    void ended.then((value) => (result = value));
    while (!result) {
      collectGarbage();
      await turn();
    }
    assert.equal(result, 'ended');
  });
});
