import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';
import { lockFolder } from '../../demo/app/backend/database/folder-lock.js';

suite('the lock of a data folder', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pica-connect-lock-'));
    file = join(folder, 'process.pid');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const inUse = { name: 'StartError', message: /in use by another process.*DATA_FOLDER/ };

  test('names the process that holds it', async () => {
    await lockFolder(folder);
    assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
  });

  test('is held only once, even within one process', async () => {
    await lockFolder(folder);
    await assert.rejects(lockFolder(folder), inUse);
  });

  test('can be taken again after its release', async () => {
    const unlock = await lockFolder(folder);
    await unlock();
    assert.deepEqual(await readdir(folder), []);
    await lockFolder(folder);
  });

  test('is not taken from the next holder by a repeated release', async () => {
    const unlock = await lockFolder(folder);
    await unlock();
    await lockFolder(folder);
    await unlock();
    await assert.rejects(lockFolder(folder), inUse);
  });

  test('is not taken over from a running process', async () => {
    await writeFile(file, `${process.ppid}\n`);
    await assert.rejects(lockFolder(folder), inUse);
  });

  const leftOver = {
    'of a process that is gone': '2147483646\n',
    // As in a container, where each start has the same number.
    'with the number of this process, from an earlier one': `${process.pid}\n`,
    'without a number': '',
    'with something else in it': 'text',
  };
  for (const [what, content] of Object.entries(leftOver)) {
    test(`${what} is left over, and does not hold`, async () => {
      await writeFile(file, content);
      await lockFolder(folder);
      assert.equal(await readFile(file, 'utf8'), `${process.pid}\n`);
    });
  }
});
