import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import manifest from '../../package.json' with { type: 'json' };

const isOfAuthkit = (id: string) => id.includes('/node_modules/@picahq/authkit/');
const isOfLit = (id: string) => /\/node_modules\/(lit|lit-html|lit-element|@lit)\//.test(id);

/** The license of a file that contains these modules. */
const licenseOf = (modules: string[]): string => {
  const lit = modules.some(isOfLit);
  if (modules.some(isOfAuthkit)) {
    return `GPL-3.0, as it contains @picahq/authkit (GPL-3.0). Its own sources are MIT${lit ? ', Lit is BSD-3-Clause' : ''}. See LICENSES.md in the package.`;
  }
  return lit ? 'MIT, Lit is BSD-3-Clause. See LICENSES.md in the package.' : 'MIT';
};

/**
 * A Vite plugin that names the version and the license of each file in its first line. AuthKit's makes the whole file
 * GPL-3.0, which asks for the text of the license, so that is written next to such a file.
 * @param sourcesOf the original modules, for a build of what was built before.
 */
export const licenses = (sourcesOf = (ids: string[]): string[] => ids): Plugin => ({
  name: 'licenses',
  apply: 'build',
  config: () => ({
    build: {
      rolldownOptions: {
        output: {
          postBanner: ({ moduleIds }) =>
            `/*! pica-connect ${manifest.version} | ${licenseOf(sourcesOf(moduleIds))} */`,
        },
      },
    },
  }),
  generateBundle(_options, bundle) {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk' || !sourcesOf(file.moduleIds).some(isOfAuthkit)) continue;
      this.emitFile({
        type: 'asset',
        fileName: `${file.fileName}.LICENSE.txt`,
        source: readFileSync('node_modules/@picahq/authkit/LICENSE'),
      });
    }
  },
});
