import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DemoProcess, temporaryFolder } from './demo-process.js';

/** Wrong settings, and the message for each. */
const mistakes: [what: string, environment: Record<string, string>, message: RegExp][] = [
  ['a port that is not a number', { PORT: 'abc' }, /^PORT must be a number/m],
  ['a port out of range', { SANDBOX_PORT: '65536' }, /^SANDBOX_PORT must be a number/m],
  [
    'a database server that is not running',
    { DATABASE_URL: 'postgres://lumen:hunter2@127.0.0.1:1/lumen' },
    /^DATABASE_URL: nothing answers at 127\.0\.0\.1:1/m,
  ],
  [
    'a database URL of another database',
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

  for (const [what, environment, message] of mistakes) {
    it(`with ${what}`, () => assertRefusal(environment, message));
  }

  it('with a data folder that cannot be opened', () =>
    assertRefusal({ DATA_FOLDER: folder.path }, /is a file\. Set DATA_FOLDER to another folder/));
});

/** Checks that it says what to change, without a stack trace, and leaves no process behind. */
async function assertRefusal(environment: Record<string, string>, message: RegExp): Promise<void> {
  const demo = new DemoProcess(environment);
  assert.equal(await demo.exitCode(), 1);
  assert.match(demo.output, message);
  assert.doesNotMatch(demo.output, /^ +at |hunter2/m);
  await demo.ended();
}
