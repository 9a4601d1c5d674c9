import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { sum } from './counts.js';

/*
 * Runs the node:test files that it is given, prints what comes of them, and sends the counts to
 * test/runner/run.ts. Not `node --test` with a reporter of ours: Node 20 cannot load one in TypeScript.
 */
const counts = sum([]);
// One file at a time: they share a database, and two cores.
const files = process.argv.slice(2);
const tests = run({ files, concurrency: false });

const isTest = (details: { type?: string }): boolean =>
  // A `describe` passes and fails with its tests; only those are counted.
  details.type !== 'suite';

tests.on('test:pass', ({ name, details, skip, todo }) => {
  if (!isTest(details)) return;
  if (skip !== undefined || todo !== undefined) counts.skipped += 1;
  // Node takes a file without any test for a test of that name that passed.
  else if (files.includes(name)) counts.failed += 1;
  else counts.passed += 1;
});
tests.on('test:fail', ({ name, file, details, todo }) => {
  if (!isTest(details)) return;
  if (todo !== undefined) {
    counts.skipped += 1;
    return;
  }
  counts.failed += 1;
  const { cause } = details.error;
  counts.failures.push(
    `${file ?? ''} › ${name}\n${cause instanceof Error ? cause.message : String(cause)}`,
  );
});
tests.once('end', () => {
  process.send?.(counts);
  if (counts.failed > 0) process.exitCode = 1;
});
tests.compose<NodeJS.ReadableStream>(new spec()).pipe(process.stdout);
