import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

/*
 * Code on the pages about frameworks is copied from apps that test/packages builds and runs.
 */

const docs = new URL('../../demo/docs/frameworks/', import.meta.url);
const apps = new URL('../../demo/examples/frameworks/', import.meta.url);

/** A link to an app's file, a colon, and a copy of the file. */
const example = /\]\(\.\.\/\.\.\/examples\/frameworks\/([^)]+)\):\n\n```\w+\n(.*?)\n```/gs;

const pages = await Promise.all(
  (await readdir(docs)).map(async (name) => ({
    name,
    text: await readFile(new URL(name, docs), 'utf8'),
  })),
);
const examples = pages.flatMap(({ name, text }) =>
  [...text.matchAll(example)].map(([, path = '', code]) => ({ name, path, code })),
);

describe('the pages about frameworks', () => {
  for (const { name, path, code } of examples) {
    it(`show the tested ${path} in ${name}`, async () => {
      assert.equal(code, (await readFile(new URL(path, apps), 'utf8')).trim());
    });
  }

  it('show only lines of the tested page in html.md', async () => {
    const page = await readFile(new URL('html/index.html', apps), 'utf8');
    const testedLines = page.split('\n').map((line) => line.trim());
    const guide = pages.find(({ name }) => name === 'html.md')?.text ?? '';
    const shownLines = /```html\n(.*?)```/s.exec(guide)?.[1]?.split('\n') ?? [];
    assert.ok(shownLines.length > 10);
    assert.deepEqual(
      shownLines.filter((line) => !testedLines.includes(line.trim())),
      [],
    );
  });

  it('link every app', async () => {
    const folders = (await readdir(apps, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const isLinked = (folder: string) =>
      pages.some(({ text }) => text.includes(`demo/examples/frameworks/${folder}]`));
    assert.deepEqual(
      folders.filter((folder) => !isLinked(folder)),
      [],
    );
    assert.ok(examples.length >= folders.length);
  });
});
