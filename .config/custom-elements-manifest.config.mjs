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

/** The analyzer drops the text of `@returns`, and with it the type. */
const returns = {
  name: 'returns',
  /** @param {{ts: import('typescript'), node: any, moduleDoc: {declarations?: any[]}}} context */
  analyzePhase({ ts, node, moduleDoc }) {
    const tag = ts.isMethodDeclaration(node) && ts.getJSDocReturnTag(node);
    if (!tag || !node.type) return;
    const name = node.name.getText();
    for (const { members = [] } of moduleDoc.declarations ?? []) {
      const method = members.find((member) => member.kind === 'method' && member.name === name);
      if (!method) continue;
      const description = ts.getTextOfJSDocComment(tag.comment);
      method.return = { type: { text: node.type.getText() }, description };
    }
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
    returns,
    sorted,
    customElementVsCodePlugin(editors),
    customElementJetBrainsPlugin({ ...editors, packageJson: false }),
  ],
};
