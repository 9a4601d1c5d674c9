import { readFileSync, writeFileSync } from 'node:fs';
import { readReport, type Report } from './report.js';
import { fillPerformancePage, fillReadme } from './summary.js';

/* Writes the saved figures to the performance page, and the most important ones to the README. */
const report = readReport('test/bench/results.json');

async function rewrite(path: string, fill: (text: string, report: Report) => Promise<string>) {
  writeFileSync(path, await fill(readFileSync(path, 'utf8'), report));
}

await rewrite('demo/docs/performance.md', fillPerformancePage);
await rewrite('README.md', fillReadme);
