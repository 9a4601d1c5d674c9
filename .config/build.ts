import { beginBuild, docsBuild, packageBuild, siteBuild } from './build-records.js';
import { namesOfSteps, runSteps } from './run-steps.js';

/*
 * npm run build          builds everything that is published
 * npm run build -- docs  builds one part, or something else that is generated
 */

const vite = (...modes: string[]) => modes.map((mode) => `vite build --mode ${mode}`).join(' && ');

const defaults = ['package'];

// Lets the demo and the tests know that they don't have to build this again.
const recorders = [packageBuild, siteBuild, docsBuild]
  .filter(({ name }) => namesOfSteps(defaults).includes(name))
  .map((build) => beginBuild(build));

runSteps(
  'build',
  {
    package: ['modules', 'script-tag', 'doctor', 'types', 'manifest'],
    // Runs first, because it empties dist.
    modules: vite('production'),
    // In this order, because each file contains hashes of earlier ones.
    'script-tag': [
      vite('script-tag-chunks', 'script-tag', 'script-tag-all', 'script-module'),
      'node .config/release/integrity.mjs',
    ].join(' && '),
    doctor: vite('doctor'),
    types: 'tsc -p src',
    manifest:
      'cem analyze --config .config/custom-elements-manifest.config.mjs --outdir . && cp custom-elements.json dist/ && tsx .config/reference-pages.ts',
    site: 'tsx demo/app/site/build.ts',
    docs: 'vitepress build demo/docs',
    errors: 'tsx demo/docs/errors.ts',
  },
  defaults,
);

for (const record of recorders) record();
