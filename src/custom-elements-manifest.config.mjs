import { customElementJetBrainsPlugin } from 'custom-element-jet-brains-integration';
import { customElementVsCodePlugin } from 'custom-element-vs-code-integration';

/** What is made of the manifest for editors; it is built, not checked in. */
const editors = { outdir: 'dist' };

/** How custom-elements.json is made from the sources. */
export default {
  globs: ['src/**/*.ts'],
  exclude: ['src/**/*.styles.ts', 'src/frameworks/**'],
  litelement: true,
  // package.json names the manifest already; the analyzer would write where it put it last.
  packagejson: false,
  quiet: true,
  plugins: [
    customElementVsCodePlugin(editors),
    customElementJetBrainsPlugin({ ...editors, packageJson: false }),
  ],
};
