import { sum, type Counts } from './counts.js';
import type { Result } from './suites.js';

/** Prints a table, where the tests ran, what was missing, and the sum in the last line. */
export const report = (results: readonly Result[], missing: readonly string[]): Counts => {
  const header = ['suite', 'on', 'passed', 'failed', 'skipped', 'seconds'];
  const lines = results.map(({ suite, on, passed, failed, skipped, seconds }) =>
    [suite, on, passed, failed, skipped, seconds.toFixed(1)].map(String),
  );
  const widths = header.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  console.log('');
  for (const line of [header, ...lines]) {
    const cells = line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < 2 ? cell.padEnd(width) : cell.padStart(width);
    });
    console.log(cells.join('  ').trimEnd());
  }
  const ran = new Set(results.filter(({ seconds }) => seconds > 0).map(({ on }) => on));
  ran.delete('');
  console.log(`\nRan on: ${[...ran].join(', ') || 'no engine, no database'}`);
  for (const line of missing) console.log(`Missing: ${line}`);

  const total = sum(results);
  // Print failures again, because they have scrolled away by now.
  for (const { suite, on, failures } of results) {
    for (const failure of failures) console.log(`Failed: ${suite} on ${on} › ${failure}`);
  }
  const skipped = total.skipped > 0 ? `, ${String(total.skipped)} skipped` : '';
  console.log(`${String(total.passed)} passed, ${String(total.failed)} failed${skipped}`);
  return total;
};
