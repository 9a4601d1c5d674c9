import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

/** The pages for frameworks show what is tested: their examples are files of the apps. */

const docs = new URL('../../demo/docs/frameworks/', import.meta.url);
const apps = new URL('../../demo/examples/frameworks/', import.meta.url);

/** A link to a file of an app, a colon, and the file itself. */
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

describe('the pages for frameworks', () => {
  for (const { name, path, code } of examples) {
    it(`show ${path} as it is tested, in ${name}`, async () => {
      assert.equal(code, (await readFile(new URL(path, apps), 'utf8')).trim());
    });
  }

  it('show lines of the page that is tested, in html.md', async () => {
    const page = await readFile(new URL('html/index.html', apps), 'utf8');
    const tested = page.split('\n').map((line) => line.trim());
    const guide = pages.find(({ name }) => name === 'html.md')?.text ?? '';
    const shown = /```html\n(.*?)```/s.exec(guide)?.[1]?.split('\n') ?? [];
    assert.ok(shown.length > 10);
    assert.deepEqual(
      shown.filter((line) => !tested.includes(line.trim())),
      [],
    );
  });

  it('have each app', async () => {
    const folders = (await readdir(apps, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const isNamed = (folder: string) =>
      pages.some(({ text }) => text.includes(`demo/examples/frameworks/${folder}]`));
    assert.deepEqual(
      folders.filter((folder) => !isNamed(folder)),
      [],
    );
    assert.ok(examples.length >= folders.length);
  });
});
