import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

/** The pages for backends show what is tested: their code is that of the files. */

const docs = new URL('../../demo/docs/backends/', import.meta.url);
const backends = new URL('../../demo/examples/backends/', import.meta.url);

/** A link to a file of a backend, a colon, and the file itself. */
const example = /\]\(\.\.\/\.\.\/examples\/backends\/([^)]+)\):\n\n```\w+\n(.*?)\n```/gs;

const shown = (
  await Promise.all(
    (await readdir(docs)).map(async (name) => {
      const text = await readFile(new URL(name, docs), 'utf8');
      return [...text.matchAll(example)].map(([, path = '', code]) => ({ name, path, code }));
    }),
  )
).flat();

describe('the pages for backends', () => {
  for (const { name, path, code } of shown) {
    it(`show ${decodeURIComponent(path)} as it is tested, in ${name}`, async () => {
      assert.equal(code, (await readFile(new URL(path, backends), 'utf8')).trim());
    });
  }

  it('have each backend', async () => {
    const folders = (await readdir(backends, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const isShown = (folder: string) => shown.some(({ path }) => path.startsWith(`${folder}/`));
    assert.deepEqual(
      folders.filter((folder) => !isShown(folder)),
      [],
    );
  });
});
