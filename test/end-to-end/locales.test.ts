import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { rowStates } from '../../src/connections-list/row-states.js';
import { debugStrings } from '../../src/localization/debug-strings.js';
import { listStrings } from '../../src/localization/list-strings.js';
import { en } from '../../src/locales/en.js';
import type { LocaleScope } from '../../src/localization/registry.js';

/* Checks what the types of src/locales can't: that all strings are used, and that translations match the English ones. */

type Translation = string | Partial<Record<string, string>>;
type Strings = Record<string, Translation>;

const src = new URL('../../src/', import.meta.url);
const dist = new URL('../../dist/', import.meta.url);
const english: Strings = { ...en, ...listStrings, ...debugStrings };

const files = (await readdir(new URL('locales/', src))).map((name) => name.replace('.ts', ''));
const languages = files.filter((name) => name !== 'en');
for (const language of languages) await import(new URL(`locales/${language}.ts`, src).href);
const locales = Object.fromEntries(
  (globalThis as LocaleScope)[Symbol.for('pica-connect.locales')] ?? [],
) as Record<string, Strings>;

const pluralFormsOf = (translation: Translation = {}): [form: string, text: string][] =>
  typeof translation === 'string'
    ? [['', translation]]
    : Object.entries(translation).map(([form, text = '']) => [form, text]);
const placeholdersOf = (text: string) => [...text.matchAll(/\{\w*\}/g)].map(String).sort();

describe('the languages', () => {
  it('include all documented ones, each registered under the name of its file', () => {
    const documented = 'ar cs da de es fr he hi it ja ko nl pl pt-BR sv tr zh-CN zh-TW'.split(' ');
    assert.deepEqual(
      documented.filter((name) => !languages.includes(name)),
      [],
    );
    assert.deepEqual(Object.keys(locales).sort(), languages.sort());
  });

  it('are all known to the one-file build, and included in the one with all languages', async () => {
    const oneFile = await readFile(new URL('pica-connect.min.js', dist), 'utf8');
    assert.ok(oneFile.includes(languages.sort().join(' ')));
    const all = await readFile(new URL('pica-connect.all.min.js', dist), 'utf8');
    const missing = languages.filter((name) => !new RegExp(`\\[.${name}.,\\{connect:`).test(all));
    assert.deepEqual(missing, []);
  });

  it('have no unused strings', async () => {
    const names = await readdir(src, { recursive: true });
    const sources = await Promise.all(
      names
        .filter((name) => name.endsWith('.ts') && !/locales|debug-strings|list-strings/.test(name))
        .map((name) => readFile(new URL(name, src), 'utf8')),
    );
    const code = sources.join('\n');
    // Rows look these strings up by the row's state and by its remedy.
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
});

for (const language of languages) {
  describe(`the language ${language}`, () => {
    const strings = locales[language] ?? {};

    it('translates every English string, and no other', () => {
      assert.deepEqual(Object.keys(strings).sort(), Object.keys(english).sort());
      const empty = Object.keys(strings).filter((key) =>
        pluralFormsOf(strings[key]).some(([, text]) => !text.trim()),
      );
      assert.deepEqual(empty, []);
    });

    it('uses the placeholders of the English strings', () => {
      for (const key of Object.keys(english)) {
        const expected = placeholdersOf(pluralFormsOf(english[key]).at(-1)?.[1] ?? '');
        for (const [form, text] of pluralFormsOf(strings[key])) {
          // A plural form for a single number can spell the number out.
          const isExact = ['zero', 'one', 'two'].includes(form) && !text.includes('{');
          if (!isExact) assert.deepEqual(placeholdersOf(text), expected, `${key}: ${text}`);
          assert.doesNotMatch(text.replace(/\{\w+\}/g, ''), /[{}]/, `${key}: ${text}`);
        }
      }
    });

    it('has all plural forms', () => {
      const rules = new Intl.PluralRules(language);
      const needed = new Set(
        Array.from({ length: 201 }, (_, count) => rules.select(count)).concat(
          rules.select(1_000_000),
          'other',
        ),
      );
      for (const [key, text] of Object.entries(strings)) {
        if (typeof text === 'string') continue;
        const missing = [...needed].filter((form) => !(form in text));
        assert.deepEqual(missing, [], key);
      }
    });

    it('leaves no string in English', () => {
      const same = Object.keys(english).filter(
        (key) =>
          !['action', 'separator', 'test'].includes(key) &&
          JSON.stringify(strings[key]) === JSON.stringify(english[key]),
      );
      assert.deepEqual(same, []);
    });
  });
}
