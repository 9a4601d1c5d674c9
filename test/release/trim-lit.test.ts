import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parseSync, Visitor } from 'vite';

/* The one-file builds contain Lit without the parts that .config/vite/trim-lit.ts leaves out. Nothing may need them. */

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path, code: readFileSync(`src/${path}`, 'utf8') }));

/** The templates of a source, with `{}` for expressions and `""` for quoted attributes. */
function templatesIn(path: string, code: string): string[] {
  const templates: string[] = [];
  new Visitor({
    TaggedTemplateExpression: ({ tag, quasi }) => {
      if (tag.type !== 'Identifier' || tag.name !== 'html') return;
      const markup = quasi.quasis.map(({ value }) => value.raw).join('{}');
      templates.push(markup.replace(/="[^"]*"/g, '=""'));
    },
  }).visit(parseSync(path, code).program);
  return templates;
}

const templates = sources.flatMap(({ path, code }) => templatesIn(path, code));

/** The names that sources import from Lit, each with its module. */
const imported = sources
  .flatMap(({ code }) => [...code.matchAll(/import (?!type)\{([^}]*)\} from '(lit[^']*)'/g)])
  .flatMap(([, names = '', module = '']) =>
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '))
      .map((name) => `${module} ${name}`),
  );

const doNotMatch = (texts: string[], pattern: RegExp) => {
  assert.deepEqual(
    texts.filter((text) => pattern.test(text)),
    [],
  );
};

describe('what the one-file builds leave out of Lit is not used', () => {
  it('finds the templates and imports', () => {
    assert.ok(templates.length > 20, String(templates.length));
    assert.ok(imported.includes('lit html'), imported.join());
  });

  it('comments, and elements whose content is text', () => {
    doNotMatch(templates, /<!--|<(script|style|textarea|title)\b/i);
  });

  it('expressions in a tag that belong to no attribute', () => {
    doNotMatch(templates, /<[^<>]*\s\{\}/);
  });

  it('other functions and directives', () => {
    const known = [
      'css',
      'defaultConverter',
      'html',
      'isServer',
      'LitElement',
      'noChange',
      'nothing',
      'render',
    ];
    const directives = /^lit\/directive(-helpers)?\.js /;
    doNotMatch(
      imported,
      new RegExp(`^(?!lit (${known.join('|')})$)(?!${directives.source.slice(1)})`),
    );
  });

  it('other options of properties, and styles within styles', () => {
    const code = sources.map((source) => source.code);
    doNotMatch(code, /\buseDefault: |\btype: (Object|Array)\b|\baddInitializer\(/);
    doNotMatch(code, /css`[^`]*\$\{/);
  });

  it('directives in attributes, and methods that put off an update', () => {
    const code = sources.map((source) => source.code);
    doNotMatch(code, /=\$\{repeatByKey/);
    doNotMatch(code, /\b(scheduleUpdate|shouldUpdate|finalizeStyles)\(/);
  });
});
