import { readdirSync } from 'node:fs';

/*
 * The maximum sizes of the files in bytes, compressed with Brotli: npm run check -- size
 *
 * The limits are the sizes reached so far. Lower them when a file gets smaller. The goals are 16,384 for the one-file
 * build and 10,752 for the button. `npm run bench -- modules` shows what a file consists of.
 */

/** A file of the package. */
const file = (path, limit) => ({
  name: path,
  path: `../${path}`,
  limit: `${limit} B`,
  disablePlugins: ['@size-limit/esbuild'],
});

/** Leaves dynamic imports out of the bundle. */
const withoutLaterParts = {
  name: 'without-later-parts',
  setup: (build) =>
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

/** A bundle of an entry, as a page loads it at first: with Lit and AuthKit, without the later parts. */
const entry = (name, limit) => ({
  name: name === 'index' ? 'pica-connect' : `pica-connect/${name}`,
  path: `../dist/${name}.js`,
  limit: `${limit} B`,
  modifyEsbuildConfig: (config) => ({
    ...config,
    format: 'esm',
    target: 'es2022',
    plugins: [withoutLaterParts],
  }),
});

const locales = readdirSync(new URL('../dist/locales/', import.meta.url)).filter((name) =>
  name.endsWith('.js'),
);

export default [
  file('dist/pica-connect.min.js', 33_600),
  file('dist/pica-connect.all.min.js', 43_110),
  file('dist/pica-connect.diagnosis.js', 9_170),
  file('dist/pica-connect.languages.js', 820),
  file('dist/pica-connect.preload.js', 565),
  file('dist/pica-connect.window.js', 715),
  ...locales.map((name) => file(`dist/locales/${name}`, 1_040)),
  entry('index', 32_370),
  entry('button', 23_660),
  entry('list', 30_560),
  entry('classes', 32_350),
];
