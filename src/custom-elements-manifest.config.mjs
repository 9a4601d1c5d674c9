/** How custom-elements.json is made from the sources. */
export default {
  globs: ['src/**/*.ts'],
  exclude: ['src/**/*.styles.ts'],
  litelement: true,
  // package.json names the manifest already; the analyzer would write where it put it last.
  packagejson: false,
  quiet: true,
};
