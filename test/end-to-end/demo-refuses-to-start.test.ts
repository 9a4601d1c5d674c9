import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Demo, temporaryFolder } from './demo.js';

/** What is set wrongly, and what the demo says about it. */
const mistakes: [what: string, environment: Record<string, string>, says: RegExp][] = [
  ['a port that is no number', { PORT: 'abc' }, /^PORT must be a number/m],
  ['a port that there is not', { SANDBOX_PORT: '65536' }, /^SANDBOX_PORT must be a number/m],
  [
    'a database server that is not there',
    { DATABASE_URL: 'postgres://lumen:hunter2@127.0.0.1:1/lumen' },
    /^DATABASE_URL: nothing answers at 127\.0\.0\.1:1/m,
  ],
  [
    'a database URL that is none',
    { DATABASE_URL: 'mysql://lumen:hunter2@127.0.0.1/lumen' },
    /^DATABASE_URL is neither a PostgreSQL URL nor a folder/m,
  ],
];

describe('the demo refuses to start', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
    await mkdir(dirname(folder.path), { recursive: true });
    await writeFile(folder.path, 'a file where a folder should be');
  });
  after(() => folder.remove());

  for (const [what, environment, says] of mistakes) {
    it(`with ${what}`, () => refuses(environment, says));
  }

  it('with a data folder that cannot be opened', () =>
    refuses({ DATA_FOLDER: folder.path }, /is a file\. Set DATA_FOLDER to another folder/));
});

/** It says what to change, in words and not with a stack trace, and nothing of it is left. */
async function refuses(environment: Record<string, string>, says: RegExp): Promise<void> {
  const demo = new Demo(environment);
  assert.equal(await demo.exitCode(), 1);
  assert.match(demo.output, says);
  assert.doesNotMatch(demo.output, /^ +at |hunter2/m);
  await demo.ended();
}
