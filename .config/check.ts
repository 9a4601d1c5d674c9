import { runSteps } from './run-steps.js';

/*
 * npm run check          runs all static checks
 * npm run check -- size  runs one of them
 * `package` and `size` check the output of npm run build.
 */

const typescript = [
  '.',
  'src --emitDeclarationOnly false --noEmit',
  ...['settings', 'doctor', 'playground', 'gallery'].map((name) => `demo/app/pages/${name}`),
];

runSteps(
  'check',
  {
    format: 'prettier --check .',
    lint: 'eslint --max-warnings 0 .',
    types: typescript.map((project) => `tsc -p ${project}`).join(' && '),
    manifest: [
      'cem analyze --config .config/custom-elements-manifest.config.mjs --outdir .test-results',
      'diff custom-elements.json .test-results/custom-elements.json',
      'tsx .config/reference-pages.ts --check',
    ].join(' && '),
    package: [
      'rm -f .test-results/*.tgz',
      'mkdir -p .test-results',
      'npm pack --silent --ignore-scripts --pack-destination .test-results',
      'publint run .test-results/*.tgz --strict',
      'attw .test-results/*.tgz --profile esm-only --format ascii --quiet',
    ].join(' && '),
    size: 'size-limit --config .config/size-limits.js',
  },
  ['format', 'lint', 'types', 'manifest', 'package', 'size'],
);
