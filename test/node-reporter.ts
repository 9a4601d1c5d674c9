import type { TestEvent } from 'node:test/reporters';
import { sum } from './counts.js';

/** A reporter of node:test that prints nothing: it sends the counts to test/run.ts at the end. */
export default async function* countNodeTests(source: AsyncIterable<TestEvent>) {
  const counts = sum([]);
  for await (const event of source) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    // A `describe` fails with its tests; counted is what has none of its own.
    if (event.data.details.type === 'suite') continue;
    if (event.data.skip !== undefined || event.data.todo !== undefined) counts.skipped += 1;
    else if (event.type === 'test:pass') counts.passed += 1;
    else counts.failed += 1;
  }
  process.send?.(counts);
  yield '';
}
