/// <reference types="vite/client" />
import { useData, type Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { defineComponent, h, watch } from 'vue';
import { pages } from '../../../app/pages/settings/pages.js';
import './site.css';

/** As every page of the demo has it; `target` keeps VitePress from looking for the others among its own. */
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
  // The demo's page shows the same colors then. VitePress has written down what was chosen by 'post'.
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
