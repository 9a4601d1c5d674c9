import { customElementJetBrainsPlugin } from 'custom-element-jet-brains-integration';
import { customElementVsCodePlugin } from 'custom-element-vs-code-integration';

/** Sorts the modules, because the analyzer's order is not the same each time. */
const sorted = {
  name: 'sorted',
  /** @param {{customElementsManifest: {modules: {path: string}[]}}} context */
  packageLinkPhase({ customElementsManifest }) {
    customElementsManifest.modules.sort((one, other) => (one.path < other.path ? -1 : 1));
  },
};

/** Adds the return type and the text of `@returns`, which the analyzer drops. */
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

/** The files for editors are made from the manifest. They are built, not checked in. */
const editors = { outdir: 'dist' };

/** Makes custom-elements.json from the sources. */
export default {
  globs: ['src/**/*.ts'],
  exclude: ['src/**/*.styles.ts', 'src/frameworks/**', 'src/commands/**'],
  litelement: true,
  // package.json already names the manifest. The analyzer would overwrite that with its last output folder.
  packagejson: false,
  quiet: true,
  plugins: [
    returns,
    sorted,
    customElementVsCodePlugin(editors),
    customElementJetBrainsPlugin({ ...editors, packageJson: false }),
  ],
};
