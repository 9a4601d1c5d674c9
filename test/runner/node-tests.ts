import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { sum } from './counts.js';

/*
 * Runs the node:test files on the command line, prints their results, and sends the counts to test/runner/run.ts.
 * `node --test` with our own reporter doesn't work, because Node 20 can't load a reporter written in TypeScript.
 */
const counts = sum([]);
// One file at a time, because they share a database and two cores.
const files = process.argv.slice(2);
/** A file that takes longer hangs. Less than the limit of a suite, so that the other files still run. */
const timeout = 5 * 60_000;
const tests = run({ files, concurrency: false, timeout });
/** The names of the tests of this file that have begun and not ended. Only they tell where it hangs. */
const running = new Set<string>();

const isTest = (details: { type?: string }): boolean =>
  // A `describe` passes or fails with its tests. Count only the tests.
  details.type !== 'suite';

tests.on('test:dequeue', ({ name }) => {
  // Node reports the end of a file only if the whole file has failed.
  if (files.includes(name)) running.clear();
  else running.add(name);
});
tests.on('test:pass', ({ name, details, skip, todo }) => {
  running.delete(name);
  if (!isTest(details)) return;
  if (skip !== undefined || todo !== undefined) counts.skipped += 1;
  // Node reports a file without tests as a passed test with the file's name.
  else if (files.includes(name)) counts.failed += 1;
  else counts.passed += 1;
});
tests.on('test:fail', ({ name, file, details, todo }) => {
  running.delete(name);
  if (!isTest(details)) return;
  if (todo !== undefined) {
    counts.skipped += 1;
    return;
  }
  counts.failed += 1;
  const { cause } = details.error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const where = files.includes(name) && running.size > 0 ? ` in ${[...running].join(' › ')}` : '';
  counts.failures.push(`${file ?? ''} › ${name}\n${message}${where}`);
});
tests.once('end', () => {
  process.send?.(counts);
  if (counts.failed > 0) process.exitCode = 1;
});
tests.compose<NodeJS.ReadableStream>(new spec()).pipe(process.stdout);
