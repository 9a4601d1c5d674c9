import { mkdir, rm, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import manifest from '../../package.json' with { type: 'json' };
import { explanations } from '../../src/diagnosis/explanations.js';
import type { Explanation } from '../../src/diagnosis/token-explanations.js';

/** Writes demo/docs/errors: a page for each error code, from what the elements say. */

const folder = new URL('errors/', import.meta.url);

const pageOf = (code: string, { title, meaning, cases }: Explanation): string => {
  const sections = Object.values(cases).map(
    ({ message, hint }) => `> ${escaped(message)}\n\n${escaped(hint)}`,
  );
  return [
    `# ${title}`,
    `\`${code}\``,
    meaning,
    '## What it says, and what to change',
    ...sections,
    'Words in braces stand for what differs. [All errors](README.md) · [How to look](../troubleshooting.md)',
  ].join('\n\n');
};

const indexOf = (pages: [string, Explanation][]): string =>
  [
    '# Errors',
    'What goes wrong is a `pica-error` event, with one of these as the `code` of its `error`.',
    ...pages.map(([code, { title }]) => `- [\`${code}\`](${code}.md): ${title}.`),
  ].join('\n\n');

const escaped = (text: string): string => text.replace(/[<>*_]/g, '\\$&');

const pages = Object.entries(explanations);
await rm(folder, { recursive: true, force: true });
await mkdir(folder);
const write = async (name: string, text: string) => {
  const formatted = await format(text, { ...manifest.prettier, parser: 'markdown' });
  await writeFile(new URL(name, folder), formatted);
};
await write('README.md', indexOf(pages));
for (const [code, explanation] of pages) await write(`${code}.md`, pageOf(code, explanation));
