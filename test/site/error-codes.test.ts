import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

const type = /export type PicaErrorCode =([^;]*);/.exec(await read('src/errors.ts'))?.[1] ?? '';
const codes = [...type.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);

describe('every error code', () => {
  it('is found in the source', () => {
    assert.equal(codes.length, type.split('|').length - 1);
    assert.ok(codes.length > 15, type);
  });

  it('has a page in the docs, and no page is of another', async () => {
    const pages = (await readdir(new URL('demo/docs/errors/', root))).filter(
      (name) => name !== 'README.md',
    );
    assert.deepEqual(pages.sort(), codes.map((code) => `${code}.md`).sort());
    for (const code of codes) {
      const page = await read(`demo/docs/errors/${code}.md`);
      assert.match(page, new RegExp(`^# .+\n\n\`${code}\`\n`), code);
      assert.match(page, /\n> .+\n\n\w.+\n/, `${code}: something that is said, and what to change`);
    }
  });

  it('is in the docs as the elements have it', async () => {
    const { errorPages } = await import('../../demo/docs/error-pages.js');
    const plain = (text: string) => text.replace(/[\\\s]+/g, '');
    for (const [code, { cases }] of Object.entries(errorPages)) {
      const page = plain(await read(`demo/docs/errors/${code}.md`));
      for (const { message, hint } of Object.values(cases)) {
        assert.ok(page.includes(plain(message)), `${code}.md lacks: ${message}`);
        assert.ok(page.includes(plain(hint)), `${code}.md lacks: ${hint}`);
      }
    }
  });

  it('is in a test', async () => {
    const names = (await readdir(new URL('test/', root), { recursive: true })).filter(
      (name) => /[.]test[.]ts$/.test(name) && name !== 'site/error-codes.test.ts',
    );
    const tests = (await Promise.all(names.map((name) => read(`test/${name}`)))).join('\n');
    assert.deepEqual(
      codes.filter((code) => !new RegExp(`['"\`]${code}['"\`]`).test(tests)),
      [],
    );
  });
});
