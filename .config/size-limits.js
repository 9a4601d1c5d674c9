import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/*
 * The maximum sizes of the files in bytes, compressed with Brotli: npm run check -- size
 *
 * The limits are the sizes reached so far. Lower them when a file gets smaller. The goals are:
 *
 * - 26,624 for the one-file build
 * - 10,752 for the button's entry, and 13,312 for what it loads before AuthKit opens
 * - 19,968 for the ES module with both elements, and 13,312 for what it loads before AuthKit opens
 *
 * `npm run bench -- modules` shows what a file consists of.
 */

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** A file of the package. */
const file = (name, limit) => ({
  ...{ name, path: path(name), limit: `${limit} B` },
  disablePlugins: ['@size-limit/esbuild'],
});

/** A chunk of the ES module. Its name ends with a hash. */
const chunk = (name, limit) => ({
  ...file(`dist/chunks/${name}-*.js`, limit),
  name: `dist/pica-connect.js, later: ${name}`,
});

/** Leaves dynamic imports out of the bundle. */
const withoutLaterParts = {
  name: 'without-later-parts',
  setup: (build) =>
    build.onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    ),
};

const options = { format: 'esm', target: 'es2022' };

/** A bundle of an entry, as a page loads it at first: with Lit and AuthKit, without the later parts. */
const initial = (name, limit) => ({
  name: name === 'index' ? 'pica-connect' : `pica-connect/${name}`,
  path: path(`dist/${name}.js`),
  limit: `${limit} B`,
  modifyEsbuildConfig: (config) => ({ ...config, ...options, plugins: [withoutLaterParts] }),
});

/** What a bundler's page loads in addition before AuthKit opens, in one chunk. */
const later = async (name, limit) => {
  const atFirst = await build({
    ...options,
    ...{ entryPoints: [path(`dist/${name}.js`)], absWorkingDir: path('') },
    ...{ bundle: true, metafile: true, write: false, plugins: [withoutLaterParts] },
  });
  const loaded = new Set(Object.keys(atFirst.metafile.inputs).map(path));
  const withoutLoaded = {
    name: 'without-loaded',
    setup: (build) =>
      build.onResolve({ filter: /^(\.|lit)/ }, ({ path: file, resolveDir }) =>
        file.startsWith('lit') || loaded.has(resolve(resolveDir, file))
          ? { path: './loaded.js', external: true }
          : undefined,
      ),
  };
  return {
    name: `${initial(name).name}, later`,
    path: path('dist/connect/opener.js'),
    limit: `${limit} B`,
    modifyEsbuildConfig: (config) => ({
      ...config,
      ...options,
      plugins: [withoutLaterParts, withoutLoaded],
    }),
  };
};

const locales = readdirSync(path('dist/locales')).filter((name) => name.endsWith('.js'));

export default [
  file('dist/pica-connect.min.js', 34_465),
  file('dist/pica-connect.all.min.js', 50_145),
  file('dist/pica-connect.diagnosis.js', 9_190),
  file('dist/pica-connect.languages.js', 820),
  file('dist/pica-connect.preload.js', 565),
  file('dist/pica-connect.js', 21_860),
  chunk('opener', 10_940),
  chunk('diagnosis', 6_630),
  chunk('list-actions', 2_640),
  chunk('preload', 550),
  chunk('window-surface', 705),
  ...locales.map((name) => file(`dist/locales/${name}`, 1_060)),
  initial('index', 22_895),
  await later('index', 11_180),
  initial('button', 12_115),
  await later('button', 13_312),
  initial('list', 20_590),
  await later('list', 11_200),
  initial('classes', 22_840),
];
