import { customElementJetBrainsPlugin } from 'custom-element-jet-brains-integration';
import { customElementVsCodePlugin } from 'custom-element-vs-code-integration';

/** The analyzer takes files as its search for them comes by, which is not the same each time. */
const sorted = {
  name: 'sorted',
  /** @param {{customElementsManifest: {modules: {path: string}[]}}} context */
  packageLinkPhase({ customElementsManifest }) {
    customElementsManifest.modules.sort((one, other) => (one.path < other.path ? -1 : 1));
  },
};

/** What is made of the manifest for editors; it is built, not checked in. */
const editors = { outdir: 'dist' };

/** How custom-elements.json is made from the sources. */
export default {
  globs: ['src/**/*.ts'],
  exclude: ['src/**/*.styles.ts', 'src/frameworks/**', 'src/commands/**'],
  litelement: true,
  // package.json names the manifest already; the analyzer would write where it put it last.
  packagejson: false,
  quiet: true,
  plugins: [
    sorted,
    customElementVsCodePlugin(editors),
    customElementJetBrainsPlugin({ ...editors, packageJson: false }),
  ],
};
