import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { sidebar } from '../../demo/docs/.vitepress/sidebar.js';
import manifest from '../../package.json' with { type: 'json' };
import { engines } from '../runner/browsers.js';
import { isSuite } from '../runner/suite-names.js';

const read = (path: string) => readFileSync(path, 'utf8');

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...['demo/docs', 'demo/examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  ),
];

interface Mention {
  page: string;
  script: string;
  args: string[];
}

/** Every `npm run SCRIPT -- ARGS` and `npm test -- ARGS`. They end at a backtick, a comma or a comment. */
const mentions: Mention[] = pages.flatMap((page) =>
  [...read(page).matchAll(/\bnpm (?:run )?((?<=run )[\w:-]+|test\b)(?: -- ([^`#,\n]*))?/g)].map(
    ([, script = '', args = '']) => ({
      page,
      script: script.replace(/[:-]$/, ''),
      args: args.split(/\s+/).filter((arg) => /\w/.test(arg)),
    }),
  ),
);

/** The steps that a command of .config/ prints if it doesn't know the one that it is given. */
function stepsOf(command: string): string[] {
  const { stderr } = spawnSync('npx', ['tsx', command, 'none'], { encoding: 'utf8' });
  const [, list = ''] = /\[(.*?)\]/.exec(stderr) ?? [];
  return list.split(' | ');
}

const steps: Record<string, string[]> = {
  build: stepsOf('.config/build.ts'),
  check: stepsOf('.config/check.ts'),
  bench: [
    ...[...read('test/bench/main.ts').matchAll(/^ {2}case '(\w+)':/gm)].map(
      ([, name = '']) => name,
    ),
    ...readdirSync('test/bench/cases').map((file) => file.replace('.ts', '')),
  ],
};

/** @returns the arguments that the script wouldn't accept */
function unknownIn({ script, args }: Mention): string[] {
  return args.filter((arg, index) => {
    const option = args[index - 1] ?? '';
    if (arg.startsWith('--') || (option.startsWith('--') && option !== '--engine')) return false;
    if (option === '--engine') return !engines.some((engine) => engine === arg);
    if (/\.tsx?$/.test(arg)) return !existsSync(arg);
    if (script === 'test') return !isSuite(arg);
    return steps[script]?.includes(arg) === false;
  });
}

describe('the documentation', () => {
  it('names only npm scripts that exist', () => {
    assert.ok(mentions.length > 50);
    const unknown = mentions.filter(({ script }) => !Object.hasOwn(manifest.scripts, script));
    assert.deepEqual(unknown, []);
  });

  it('gives these scripts only suites, engines, files and steps that exist', () => {
    for (const [command, names] of Object.entries(steps)) assert.ok(names.length > 5, command);
    const unknown = mentions
      .map((mention) => ({ ...mention, args: unknownIn(mention) }))
      .filter(({ args }) => args.length > 0);
    assert.deepEqual(unknown, []);
  });

  it('lists every language', () => {
    const [, list = ''] =
      /^Available languages: (.*?)\n\n/ms.exec(read('demo/docs/languages.md')) ?? [];
    const listed = [...list.matchAll(/`([\w-]+)`/g)].map(([, tag]) => tag);
    const files = readdirSync('src/locales').map((file) => file.replace('.ts', ''));
    // English has no tag there, because it needs no file.
    assert.deepEqual(
      listed.sort(),
      files.filter((tag) => tag !== 'en'),
    );
  });

  it('has the same groups on its first page and in the sidebar', () => {
    const headings = [...read('demo/docs/README.md').matchAll(/^## (.+)$/gm)].map(
      ([, text]) => text,
    );
    // The sidebar adds a group for pages that no group names.
    const groups = sidebar().map(({ text }) => text);
    assert.deepEqual(groups, headings);
  });

  it('has a README of at most 200 lines', () => {
    assert.ok(read('README.md').trimEnd().split('\n').length <= 200);
  });
});
