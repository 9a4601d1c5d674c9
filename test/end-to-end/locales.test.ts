import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { rowStates } from '../../src/connections-list/row-states.js';
import { debugStrings } from '../../src/localization/debug-strings.js';
import { en } from '../../src/locales/en.js';
import type { LocaleScope } from '../../src/localization/registry.js';

/** What the types do not hold of src/locales: that texts are used, and say what English says. */

type Text = string | Partial<Record<string, string>>;
type Texts = Record<string, Text>;

const src = new URL('../../src/', import.meta.url);
const dist = new URL('../../dist/', import.meta.url);
const english: Texts = { ...en, ...debugStrings };

const files = (await readdir(new URL('locales/', src))).map((name) => name.replace('.ts', ''));
const languages = files.filter((name) => name !== 'en');
for (const language of languages) await import(new URL(`locales/${language}.ts`, src).href);
const locales = Object.fromEntries(
  (globalThis as LocaleScope)[Symbol.for('pica-connect.locales')] ?? [],
) as Record<string, Texts>;

const formsOf = (text: Text = {}): [form: string, text: string][] =>
  typeof text === 'string'
    ? [['', text]]
    : Object.entries(text).map(([form, one = '']) => [form, one]);
const placeholdersOf = (text: string) => [...text.matchAll(/\{\w*\}/g)].map(String).sort();

describe('the languages', () => {
  it('are those that are promised, each registered under the name of its file', () => {
    const promised = 'ar cs da de es fr he hi it ja ko nl pl pt-BR sv tr zh-CN zh-TW'.split(' ');
    assert.deepEqual(
      promised.filter((name) => !languages.includes(name)),
      [],
    );
    assert.deepEqual(Object.keys(locales).sort(), languages.sort());
  });

  it('are all asked for by the one file, and are in the file with all of them', async () => {
    const oneFile = await readFile(new URL('pica-connect.min.js', dist), 'utf8');
    assert.ok(oneFile.includes(languages.sort().join(' ')));
    const all = await readFile(new URL('pica-connect.all.min.js', dist), 'utf8');
    const missing = languages.filter((name) => !new RegExp(`\\[.${name}.,\\{connect:`).test(all));
    assert.deepEqual(missing, []);
  });

  it('have no text that is never shown', async () => {
    const names = await readdir(src, { recursive: true });
    const sources = await Promise.all(
      names
        .filter((name) => name.endsWith('.ts') && !/locales|debug-strings/.test(name))
        .map((name) => readFile(new URL(name, src), 'utf8')),
    );
    const code = sources.join('\n');
    // By the state of a row, and what can be done about it.
    const states = Object.keys(rowStates);
    assert.match(code, /text\(state\)/);
    const remedies = ['retry', 'reconnect'];
    assert.match(code, /text\(remedy\)/);
    const unused = Object.keys(english).filter(
      (key) =>
        ![...states, ...remedies].includes(key) &&
        !new RegExp(`text\\('${key}'|\\bstrings\\.${key}\\b`).test(code),
    );
    assert.deepEqual(unused, []);
  });

  for (const language of languages) {
    describe(language, () => {
      const texts = locales[language] ?? {};

      it('has every text, and no other', () => {
        assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort());
        const empty = Object.keys(texts).filter((key) =>
          formsOf(texts[key]).some(([, text]) => !text.trim()),
        );
        assert.deepEqual(empty, []);
      });

      it('puts in what English does', () => {
        for (const key of Object.keys(english)) {
          const expected = placeholdersOf(formsOf(english[key]).at(-1)?.[1] ?? '');
          for (const [form, text] of formsOf(texts[key])) {
            // A form for one number alone can say it in words.
            const isExact = ['zero', 'one', 'two'].includes(form) && !text.includes('{');
            if (!isExact) assert.deepEqual(placeholdersOf(text), expected, `${key}: ${text}`);
            assert.doesNotMatch(text.replace(/\{\w+\}/g, ''), /[{}]/, `${key}: ${text}`);
          }
        }
      });

      it('has the forms that its numbers have', () => {
        const rules = new Intl.PluralRules(language);
        const needed = new Set(
          Array.from({ length: 201 }, (_, count) => rules.select(count)).concat(
            rules.select(1_000_000),
            'other',
          ),
        );
        for (const [key, text] of Object.entries(texts)) {
          if (typeof text === 'string') continue;
          const missing = [...needed].filter((form) => !(form in text));
          assert.deepEqual(missing, [], key);
        }
      });

      it('says nothing in English', () => {
        const same = Object.keys(english).filter(
          (key) =>
            !['action', 'separator', 'test'].includes(key) &&
            JSON.stringify(texts[key]) === JSON.stringify(english[key]),
        );
        assert.deepEqual(same, []);
      });
    });
  }
});
