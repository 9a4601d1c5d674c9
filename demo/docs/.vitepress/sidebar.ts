import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DefaultTheme } from 'vitepress';

const docs = fileURLToPath(new URL('..', import.meta.url));

/**
 * The groups have the names and the order of the headings in README.md. A folder stands for all of its pages, sorted by
 * name, with README.md first. The last group gets every page that no other group names, so a new page can't be
 * forgotten.
 */
const groups = [
  { text: 'Start', pages: ['README', 'getting-started', 'put-it-on-your-site', 'site-builders'] },
  {
    text: 'Your page',
    pages: [
      'files',
      'saving',
      'events',
      'page-defaults',
      'theming',
      'placeholders',
      'preloading',
      'languages',
      'accessibility',
      'embedding',
      'security',
    ],
  },
  { text: 'Frameworks', pages: ['frameworks/'] },
  {
    text: 'Your backend',
    pages: ['backends/', 'running-the-backend', 'runbook', 'how-the-backend-works', 'scale'],
  },
  { text: 'When something goes wrong', pages: ['troubleshooting', 'errors/'] },
  { text: 'Reference', pages: ['reference/'] },
  { text: 'Good to know', pages: ['beyond-authkit', 'performance', 'browsers', 'releases'] },
  { text: 'More', pages: [''] },
];

/** Every page, without `.md`: `errors/README`. */
const onDisk = readdirSync(docs, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && !path.startsWith('.'))
  .map((path) => path.replace(/\.md$/, ''))
  .sort((a, b) => rank(a).localeCompare(rank(b)));

export function sidebar(): DefaultTheme.SidebarItem[] {
  const left = new Set(onDisk);
  const take = (wanted: string): DefaultTheme.SidebarItem[] =>
    [...left]
      .filter((page) =>
        wanted === '' || wanted.endsWith('/') ? page.startsWith(wanted) : page === wanted,
      )
      .map((page) => {
        left.delete(page);
        return { text: titleOf(page), link: `/${page.replace(/README$/, '')}` };
      });
  return groups
    .map(({ pages, ...group }) => ({ ...group, items: pages.flatMap(take) }))
    .filter(({ items }) => items.length > 0);
}

function rank(page: string): string {
  return page.replace(/README$/, '');
}

/** The first heading of a page, as plain text. */
function titleOf(page: string): string {
  const text = readFileSync(join(docs, `${page}.md`), 'utf8');
  return /^# (.+)$/m.exec(text)?.[1]?.replace(/[`\\]/g, '') ?? page;
}
