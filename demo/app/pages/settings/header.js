// @ts-check
import { addColorSchemeButtons } from './color-scheme.js';
import { pages } from './pages.js';

/**
 * Shows the header of every page except the documentation, where VitePress builds it from the same list of pages.
 * `data-page` is the page's name, and `data-root` the path to the first page.
 */
export function showHeader() {
  const header = /** @type {HTMLElement} */ (document.querySelector('body > header .inner'));
  const { page = '', root = '' } = header.dataset;
  const schemes = document.createElement('div');
  schemes.id = 'color-scheme';
  schemes.className = 'choice';
  schemes.role = 'group';
  schemes.ariaLabel = 'Colors';
  header.prepend(createBrand(), createNavigation(page, root));
  header.append(schemes);
  addColorSchemeButtons(schemes);
}

function createBrand() {
  const brand = document.createElement('p');
  brand.className = 'brand';
  const logo = document.createElement('img');
  // The page's icon. Its URL is also right after a build, which renames the file.
  const icon = /** @type {HTMLLinkElement} */ (document.querySelector('link[rel="icon"]'));
  Object.assign(logo, { src: icon.href, alt: '', width: 28, height: 28 });
  brand.append(logo, 'Lumen');
  return brand;
}

/**
 * @param {string} current
 * @param {string} root
 */
function createNavigation(current, root) {
  const nav = document.createElement('nav');
  nav.ariaLabel = 'Pages';
  for (const { name, path } of pages) {
    const link = document.createElement('a');
    link.href = root + path;
    link.textContent = name;
    if (name === current) link.setAttribute('aria-current', 'page');
    nav.append(link);
  }
  return nav;
}
