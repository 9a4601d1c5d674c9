// @ts-check
import { offerColorSchemes } from './color-scheme.js';
import { pages } from './pages.js';

/**
 * The top of every page but the documentation's, which VitePress makes from the same list of pages. The
 * page says which one it is, and where the first one is.
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
  offerColorSchemes(schemes);
}

function createBrand() {
  const brand = document.createElement('p');
  brand.className = 'brand';
  const logo = document.createElement('img');
  // The page's own icon, by the address that it has after a build too.
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
