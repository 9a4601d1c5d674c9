// @ts-check

/** The pages of the demo, in the order in which every one of them links the others; from where the first one is. */
export const pages = [
  { name: 'Demo', path: '' },
  { name: 'Docs', path: 'docs/' },
  { name: 'Playground', path: 'playground/' },
  { name: 'Gallery', path: 'gallery/' },
  { name: 'Doctor', path: 'doctor/' },
];
