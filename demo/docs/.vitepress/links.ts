import { basename, join, posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/** The folder of the pages in the repository. */
const docs = 'demo/docs';

/**
 * Pages link to files of the repository, which the site doesn't have. On the site, shows the file's name instead of a
 * link. Links to a folder's README.md go to the folder.
 */
export function linksOutside(markdown: MarkdownRenderer): void {
  markdown.core.ruler.after('inline', 'links-outside', ({ tokens, env }) => {
    const { relativePath } = env as { relativePath: string };
    for (const token of tokens) {
      const children = token.children ?? [];
      for (const [index, open] of children.entries()) {
        const href = open.type === 'link_open' ? open.attrGet('href') : null;
        if (href === null || /^([a-z]+:|#|\/)/.test(href)) continue;
        const [path = '', anchor] = href.split('#');
        const file = posix.join(docs, posix.dirname(relativePath), path);
        if (file.startsWith(`${docs}/`)) {
          const page = path.replace(/README\.md$/, 'index.md');
          open.attrSet('href', anchor === undefined ? page : `${page}#${anchor}`);
          continue;
        }
        const end = children.findIndex(({ type }, at) => at > index && type === 'link_close');
        const text = children.slice(index + 1, end).map(({ content }) => content);
        const close = children[end];
        if (!close) continue;
        for (const side of [open, close]) side.type = 'html_inline';
        open.content = '';
        // The text of most links is the file's name. Don't show it twice.
        const name = basename(file);
        const names = [file, name, join(name, ''), basename(file, '.test.ts')];
        const isName = names.includes(text.join(''));
        for (const named of children.slice(index + 1, end)) if (isName) named.content = '';
        // In a table, a long name would take up the whole width.
        const wrapped = file.replace(/\/|(?=\.)/g, '$&<wbr>');
        close.content = `${isName ? '' : ' '}<code>${wrapped}</code>`;
      }
    }
  });
}
