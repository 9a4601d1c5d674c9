import { readFileSync, writeFileSync } from 'node:fs';
import { readReport } from './report.js';
import { fillReadme } from './summary.js';

/* Writes the figures that were kept into the README, between its two marks: npm run bench:readme */
const filled = await fillReadme(
  readFileSync('README.md', 'utf8'),
  readReport('test/bench/results.json'),
);
writeFileSync('README.md', filled);
