/// <reference types="vite/client" />
import { useData, type Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { defineComponent, h, watch } from 'vue';
import { pages } from '../../../app/pages/settings/pages.js';
import './site.css';

/** The same navigation as on the demo's other pages. With `target`, VitePress doesn't look for them among its pages. */
const navigation = () =>
  h(
    'nav',
    { class: 'demo-pages', 'aria-label': 'Pages' },
    pages.map(({ name, path }) =>
      h(
        'a',
        { href: `/${path}`, target: '_self', 'aria-current': name === 'Docs' ? 'page' : undefined },
        name,
      ),
    ),
  );

const kept = { auto: 'light dark', light: 'light', dark: 'dark' };

const Layout = defineComponent(() => {
  const { isDark } = useData();
  // The demo's pages use the same color scheme. VitePress has stored the choice by the time 'post' runs.
  watch(
    isDark,
    () => {
      const chosen = localStorage.getItem('vitepress-theme-appearance') ?? 'auto';
      localStorage.setItem('lumen-color-scheme', kept[chosen as keyof typeof kept]);
    },
    { flush: 'post' },
  );
  return () =>
    h(DefaultTheme.Layout, null, {
      'nav-bar-content-before': navigation,
      'nav-screen-content-before': navigation,
    });
});

export default { extends: DefaultTheme, Layout } satisfies Theme;
