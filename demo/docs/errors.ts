import { mkdir, rm, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import manifest from '../../package.json' with { type: 'json' };
import { errorPages, type ErrorPage } from './error-pages.js';

/** Writes demo/docs/errors: a page for each error code, and an index. */

const folder = new URL('errors/', import.meta.url);

const pageOf = (code: string, { title, meaning, cases }: ErrorPage): string =>
  [
    `# ${title}`,
    `\`${code}\``,
    meaning,
    '## Messages, and what to change',
    ...sectionsOf(Object.values(cases)),
    'Words in braces are placeholders. [All errors](README.md) · [Troubleshooting](../troubleshooting.md)',
  ].join('\n\n');

/** Shows a message once, above all hints that it can have. */
const sectionsOf = (cases: ErrorPage['cases'][string][]): string[] =>
  cases.flatMap(({ message, hint, when }, index) => {
    const isRepeated = when !== undefined && cases[index - 1]?.message === message;
    const text = when ? `If ${when}: ${hint}` : hint;
    return [...(isRepeated ? [] : [`> ${escaped(message)}`]), escaped(text)];
  });

const indexOf = (pages: [string, ErrorPage][]): string =>
  [
    '# Errors',
    'The elements report errors as `pica-error` events. `detail.error.code` is one of these codes:',
    ...pages.map(([code, { title }]) => `- [\`${code}\`](${code}.md): ${title}.`),
  ].join('\n\n');

const escaped = (text: string): string => text.replace(/[<>*_]/g, '\\$&');

const pages = Object.entries(errorPages);
await rm(folder, { recursive: true, force: true });
await mkdir(folder);
const write = async (name: string, text: string) => {
  const formatted = await format(text, { ...manifest.prettier, parser: 'markdown' });
  await writeFile(new URL(name, folder), formatted);
};
await write('README.md', indexOf(pages));
for (const [code, page] of pages) await write(`${code}.md`, pageOf(code, page));
