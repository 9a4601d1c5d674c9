import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { spread, type Figure } from '../bench/figures.js';
import { readReport, tableOf } from '../bench/report.js';
import { fillPerformancePage, fillReadme } from '../bench/summary.js';

const run = promisify(execFile);

/** Runs the bench as a developer does. */
const bench = (...args: string[]) =>
  run(process.execPath, ['--import', 'tsx', 'test/bench/run.ts', ...args]);

describe('bench', () => {
  it('lists the cases when asked for an unknown one', async () => {
    await assert.rejects(bench('no-such-case'), ({ stdout, stderr }: Record<string, string>) => {
      assert.match(stderr ?? '', /No such case: no-such-case/);
      assert.match(stdout ?? '', /^ +sizes +What a page downloads$/m);
      return true;
    });
  });

  it('reports the median, minimum and maximum of its rounds', () => {
    assert.deepEqual(spread([3, 1, 10]), { median: 3, min: 1, max: 10 });
    assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
  });

  it('says whether each budget is met', () => {
    const figure = { unit: '×', min: 1, max: 1, median: 1 } as const;
    const figures: Figure[] = [
      { ...figure, label: 'small', budget: 2 },
      { ...figure, label: 'large', budget: 0.5 },
      { ...figure, label: 'another', isPeer: true },
    ];
    const result = { name: 'one', title: 'One', against: 'Nothing', rounds: 3, seconds: 1 };
    const table = tableOf({ ...result, figures });
    assert.match(table, /small +1\.00 × +≤ 2\.00 × met/);
    assert.match(table, /large +1\.00 × +≤ 0\.50 × MISSED/);
    assert.match(table, /· another +1\.00 ×$/m);
  });

  it('has its saved figures on the performance page', async () => {
    const page = readFileSync('demo/docs/performance.md', 'utf8');
    assert.equal(await fillPerformancePage(page, readReport('test/bench/results.json')), page);
  });

  it('has its saved figures in the README', async () => {
    const readme = readFileSync('README.md', 'utf8');
    assert.equal(await fillReadme(readme, readReport('test/bench/results.json')), readme);
  });
});
