import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

/*
 * Code on the pages about backends is copied from files that test/packages runs.
 */

const docs = new URL('../../demo/docs/backends/', import.meta.url);
const backends = new URL('../../demo/examples/backends/', import.meta.url);

/** A link to a backend's file, a colon, and a copy of the file. */
const example = /\]\(\.\.\/\.\.\/examples\/backends\/([^)]+)\):\n\n```\w+\n(.*?)\n```/gs;

const examples = (
  await Promise.all(
    (await readdir(docs)).map(async (name) => {
      const text = await readFile(new URL(name, docs), 'utf8');
      return [...text.matchAll(example)].map(([, path = '', code]) => ({ name, path, code }));
    }),
  )
).flat();

describe('the pages about backends', () => {
  for (const { name, path, code } of examples) {
    it(`show the tested ${decodeURIComponent(path)} in ${name}`, async () => {
      assert.equal(code, (await readFile(new URL(path, backends), 'utf8')).trim());
    });
  }

  it('show every backend', async () => {
    const folders = (await readdir(backends, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const isShown = (folder: string) => examples.some(({ path }) => path.startsWith(`${folder}/`));
    assert.deepEqual(
      folders.filter((folder) => !isShown(folder)),
      [],
    );
  });
});
