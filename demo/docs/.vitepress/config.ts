import { defineConfig } from 'vitepress';
import { linksOutside } from './links.js';
import { sidebar } from './sidebar.js';

export default defineConfig({
  base: '/docs/',
  lang: 'en',
  title: 'pica-connect',
  description: 'Two custom elements that connect your users’ accounts through Pica’s AuthKit.',
  // GitHub shows README.md for a folder, and a web server index.html.
  rewrites: (page) => page.replace(/README\.md$/, 'index.md'),
  // Take over the color scheme chosen on the demo's pages, before VitePress reads its own setting.
  head: [
    ['link', { rel: 'icon', href: '/lumen.svg' }],
    [
      'script',
      {},
      `{ const kept = { 'light dark': 'auto', light: 'light', dark: 'dark' }[localStorage.getItem('lumen-color-scheme')];
         if (kept) localStorage.setItem('vitepress-theme-appearance', kept); }`,
    ],
  ],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (markdown) => {
      markdown.use(linksOutside);
    },
  },
  themeConfig: {
    sidebar: sidebar(),
    outline: { level: [2, 3] },
    search: { provider: 'local' },
  },
});
