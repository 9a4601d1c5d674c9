import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

describe('the printed hashes', () => {
  it('are those of the three files for script tags, the one in the README first', () => {
    const printed = execFileSync('node', ['.config/release/integrity.mjs'], { encoding: 'utf8' });
    const files = ['pica-connect.min.js', 'pica-connect.all.min.js', 'pica-connect.js'];
    const expected = files.map((file) => {
      const hash = createHash('sha384').update(readFileSync(`dist/${file}`));
      return `dist/${file}: integrity="sha384-${hash.digest('base64')}"`;
    });
    assert.deepEqual(printed.trim().split('\n'), expected);
  });
});
