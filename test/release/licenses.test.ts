import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** The files for script tags, with the packages that each contains. */
const files = ['dist', 'dist/chunks']
  .flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`))
  .filter((path) => /\/(pica-connect|chunks\/).*\.js$/.test(path))
  .map((path) => {
    const { sources } = JSON.parse(readFileSync(`${path}.map`, 'utf8')) as { sources: string[] };
    const contains = (name: string) =>
      sources.some((one) => one.includes(`/node_modules/${name}/`));
    const [banner = ''] = readFileSync(path, 'utf8').split('\n', 1);
    return { path, banner, hasAuthkit: contains('@picahq/authkit'), hasLit: contains('lit-html') };
  });

const names = (found: typeof files) =>
  found.map(({ path }) => path.replace(/^dist\/(chunks\/)?|-[\w-]{8}(?=\.js$)/g, ''));

describe('the license of a file for script tags', () => {
  const withAuthkit = files.filter(({ hasAuthkit }) => hasAuthkit);
  const without = files.filter(({ hasAuthkit }) => !hasAuthkit);

  it('is GPL-3.0 if it contains AuthKit, and the text is next to it', () => {
    assert.deepEqual(names(withAuthkit).sort(), [
      'opener.js',
      'pica-connect.all.min.js',
      'pica-connect.min.js',
    ]);
    for (const { path, banner } of withAuthkit) {
      assert.ok(banner.startsWith(`/*! pica-connect ${version} | GPL-3.0`), `${path}: ${banner}`);
      const text = readFileSync(`${path}.LICENSE.txt`, 'utf8');
      assert.match(text, /GNU GENERAL PUBLIC LICENSE\s+Version 3/);
    }
  });

  it('is MIT in any other file', () => {
    assert.ok(names(without).includes('pica-connect.js'));
    for (const { path, banner } of without) {
      assert.ok(banner.startsWith(`/*! pica-connect ${version} | MIT`), `${path}: ${banner}`);
      assert.doesNotMatch(banner, /GPL/);
      assert.equal(existsSync(`${path}.LICENSE.txt`), false, path);
    }
  });

  it('mentions Lit where the file contains it', () => {
    for (const { path, banner, hasLit } of files) {
      assert.equal(banner.includes('Lit is BSD-3-Clause'), hasLit, path);
    }
  });
});
