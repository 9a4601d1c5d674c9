// @ts-check

/** The demo's pages in the order of the navigation. Paths are relative to the first page. */
export const pages = [
  { name: 'Demo', path: '' },
  { name: 'Docs', path: 'docs/' },
  { name: 'Playground', path: 'playground/' },
  { name: 'Gallery', path: 'gallery/' },
  { name: 'Doctor', path: 'doctor/' },
];
