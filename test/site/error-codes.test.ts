import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

const type = /export type PicaErrorCode =([^;]*);/.exec(await read('src/errors.ts'))?.[1] ?? '';
const codes = [...type.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);

describe('every error code', () => {
  it('is parsed from the type in the source', () => {
    assert.equal(codes.length, type.split('|').length - 1);
    assert.ok(codes.length > 15, type);
  });

  it('has a page in the docs, which have no other error pages', async () => {
    const pages = (await readdir(new URL('demo/docs/errors/', root))).filter(
      (name) => name !== 'README.md',
    );
    assert.deepEqual(pages.sort(), codes.map((code) => `${code}.md`).sort());
    for (const code of codes) {
      const page = await read(`demo/docs/errors/${code}.md`);
      assert.match(page, new RegExp(`^# .+\n\n\`${code}\`\n`), code);
      assert.match(page, /\n> .+\n\n\w.+\n/, `${code}: a message and a hint`);
    }
  });

  it('has the elements’ messages and hints on its page', async () => {
    const { errorPages } = await import('../../demo/docs/error-pages.js');
    const normalize = (text: string) => text.replace(/[\\\s]+/g, '');
    for (const [code, { cases }] of Object.entries(errorPages)) {
      const page = normalize(await read(`demo/docs/errors/${code}.md`));
      for (const { message, hint } of Object.values(cases)) {
        assert.ok(page.includes(normalize(message)), `${code}.md lacks: ${message}`);
        assert.ok(page.includes(normalize(hint)), `${code}.md lacks: ${hint}`);
      }
    }
  });

  it('is mentioned by a test', async () => {
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
