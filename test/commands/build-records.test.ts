import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { beginBuild, isUpToDate, type Build } from '../../.config/build-records.js';

const part: Build = {
  name: 'part',
  sources: ['src', 'package.json'],
  outputs: ['dist/part.js', 'dist/locales'],
};
const whole: Build = {
  name: 'whole',
  sources: ['src', 'tsconfig.json'],
  outputs: ['dist'],
  includes: [part],
};

describe('a build', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'build-records-'));
    write('src/a.ts', 'a');
    write('src/folder/b.ts', 'b');
    write('package.json', '{}');
    write('dist/part.js', 'built from a');
    write('dist/locales/en.js', 'built from b');
    write('dist/whole.js', 'built from a and b');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  const remove = (path: string) => rmSync(join(folder, path));
  const record = (build: Build) => beginBuild(build, folder)();
  const upToDate = (build: Build) => isUpToDate(build, folder);

  it('is out of date before it was recorded', () => {
    beginBuild(part, folder);
    assert.equal(upToDate(part), false);
  });

  it('is up to date once it was recorded', () => {
    record(part);
    assert.equal(upToDate(part), true);
  });

  const changes: Record<string, () => void> = {
    'a source changes': () => write('src/folder/b.ts', 'c'),
    'a source is added': () => write('src/folder/c.ts', ''),
    'a source is removed': () => remove('src/a.ts'),
    'a source is renamed': () => {
      remove('src/a.ts');
      write('src/c.ts', 'a');
    },
    'an output changes': () => write('dist/part.js', ''),
    'an output is removed': () => remove('dist/locales/en.js'),
  };
  for (const [change, make] of Object.entries(changes)) {
    it(`is out of date when ${change}`, () => {
      record(part);
      make();
      assert.equal(upToDate(part), false);
    });
  }

  it('is out of date when an old source comes back with its old time, as after a checkout', () => {
    record(part);
    write('src/a.ts', 'as it was a year ago');
    utimesSync(join(folder, 'src/a.ts'), 0, 0);
    assert.equal(upToDate(part), false);
  });

  it('is up to date when only the time of a source changes', () => {
    record(part);
    write('src/a.ts', 'a');
    const tomorrow = Date.now() / 1000 + 24 * 3600;
    utimesSync(join(folder, 'src/a.ts'), tomorrow, tomorrow);
    assert.equal(upToDate(part), true);
  });

  it('is out of date when a source changed while it was built', () => {
    const finish = beginBuild(part, folder);
    write('src/a.ts', 'c');
    finish();
    assert.equal(upToDate(part), false);
  });

  it('is up to date when a build that includes it was recorded', () => {
    record(whole);
    assert.deepEqual([upToDate(whole), upToDate(part)], [true, true]);
  });

  it('does not make the build that includes it up to date', () => {
    record(whole);
    write('src/a.ts', 'c');
    write('dist/part.js', 'built from c');
    record(part);
    assert.deepEqual([upToDate(whole), upToDate(part)], [false, true]);
  });

  it('ignores what other builds write into its sources', () => {
    record(part);
    write('src/dist/page.html', '');
    assert.equal(upToDate(part), true);
  });
});
