import { readdirSync } from 'node:fs';
import { defineConfig, mergeConfig, type UserConfig } from 'vite';
import { classicScript } from './.config/vite/classic-script.js';
import { compress } from './.config/vite/compress.js';
import { hashes } from './.config/vite/hashes.js';
import { laterParts } from './.config/vite/later-parts.js';
import { licenses } from './.config/vite/licenses.js';
import { minifyLiterals } from './.config/vite/minify-literals.js';
import { moduleChunks } from './.config/vite/module-chunks.js';
import { shieldLit } from './.config/vite/shield-lit.js';
import { trimLit } from './.config/vite/trim-lit.js';

const target = 'es2022';

const namesIn = (folder: string): string[] =>
  readdirSync(folder).map((file) => file.replace(/[.]ts$/, ''));

const locales = namesIn('src/locales');

/** English is part of every build. */
const otherLocales = locales.filter((name) => name !== 'en');

/**
 * Modules that consist of types. As entries they get an empty file, so that each declaration in the package has its
 * module. A test says which one is missing here.
 */
const typeModules = [
  'connection',
  'finding',
  'authkit/surface',
  'connect/opening',
  'connect/options',
  'frameworks/element-props',
];

/** ES modules for npm: one file for each source, with the dependencies left to the installer. */
const modules: UserConfig = {
  plugins: [minifyLiterals()],
  build: {
    target,
    minify: false,
    sourcemap: true,
    lib: {
      entry: [
        ...['index', 'button', 'list', 'classes'],
        ...['react', 'jsx', 'vue'].map((name) => `frameworks/${name}`),
        ...locales.map((name) => `locales/${name}`),
        ...typeModules,
      ].map((name) => `src/${name}.ts`),
      formats: ['es'],
    },
    rolldownOptions: {
      // preserveModules keeps "use client" in its module, so the warning about it doesn't apply. A test checks that.
      checks: { moduleLevelDirective: false },
      external: [/^lit(\/|$)/, '@picahq/authkit', 'react'],
      output: {
        preserveModules: true,
        preserveModulesRoot: 'src',
        // Bundled dependencies get paths without versions and outside node_modules, which npm leaves out of a package.
        entryFileNames: ({ name }) =>
          `${name.replace(/^.*(?:node_modules|_virtual)\//, 'built-in/').replace(/@\d[\d.]*/, '')}.js`,
      },
    },
  },
};

/** The parts that the one-file build loads when they are first needed, each from a file of its own. */
const chunks = namesIn('src/script-tag/chunks');

const chunkFile = (name: string): string => `pica-connect.${name}.js`;

/** What the builds for a `<script>` tag have in common. They contain Lit and AuthKit. */
const shared = {
  define: { LOCALE_NAMES: JSON.stringify(otherLocales.join(' ')) },
  build: { target, emptyOutDir: false, sourcemap: true },
};

/**
 * One file for a `<script>` of any type.
 * @param config for the modules in it.
 */
function oneFile(entry: string, fileName: string, config: UserConfig = {}): UserConfig {
  const later = laterParts(
    mergeConfig(config, {
      ...shared,
      plugins: [minifyLiterals(), trimLit(), shieldLit()],
      build: { ...shared.build, minify: false, write: false, lib: { entry, formats: ['es'] } },
    }),
  );
  return {
    plugins: [later, compress(), licenses(later.api?.sourcesOf)],
    build: {
      ...shared.build,
      lib: { entry, formats: ['iife'], name: 'PicaConnectScript', fileName: () => fileName },
      // Terser takes most of the time, as expected.
      rolldownOptions: { checks: { pluginTimings: false } },
    },
  };
}

/**
 * Contains everything that a user needs, and loads the other parts from its folder. It contains their hashes, so they are
 * built first.
 */
const scriptTag = oneFile('src/script-tag/script-tag.ts', 'pica-connect.min.js', {
  plugins: [
    hashes('CHUNK_HASHES', Object.fromEntries(chunks.map((name) => [name, chunkFile(name)]))),
  ],
  resolve: { alias: [{ find: '../lazy.js', replacement: '/src/script-tag/lazy.ts' }] },
});

/** Contains every language and every part. */
const scriptTagAll = oneFile('src/script-tag/script-tag.all.ts', 'pica-connect.all.min.js');

/**
 * An ES module that loads the other parts as chunks. Their names contain hashes of their contents, so that a page never
 * gets the chunk of another version: if a site is deployed anew and deletes the old files while the page is open, the
 * chunk is missing, which the elements report.
 */
const scriptModule: UserConfig = {
  ...shared,
  plugins: [
    minifyLiterals(),
    trimLit(),
    shieldLit(),
    moduleChunks('src/connect/opener.ts'),
    compress(),
    licenses(),
  ],
  build: {
    ...shared.build,
    lib: {
      entry: 'src/script-tag/module.ts',
      formats: ['es'],
      fileName: () => 'pica-connect.js',
    },
    rolldownOptions: {
      checks: { pluginTimings: false },
      output: { chunkFileNames: 'chunks/[name]-[hash].js', minify: true },
    },
  },
};

/** The chunks of the one-file build. One of them contains the hashes of the locale files, so those are built first. */
const scriptTagChunks: UserConfig = {
  plugins: [
    hashes(
      'LOCALE_HASHES',
      Object.fromEntries(otherLocales.map((name) => [name, `locales/${name}.js`])),
    ),
    minifyLiterals(),
    classicScript(),
    compress(),
    licenses(),
  ],
  build: {
    target,
    emptyOutDir: false,
    sourcemap: true,
    lib: {
      entry: chunks.map((name) => `src/script-tag/chunks/${name}.ts`),
      formats: ['es'],
    },
    rolldownOptions: {
      output: {
        entryFileNames: ({ name }) => chunkFile(name),
        minify: true,
      },
    },
  },
};

/** `npx pica-connect`, in one file without dependencies. */
const doctor: UserConfig = {
  build: {
    target: 'node20',
    emptyOutDir: false,
    // The release's bill of materials reads the bundled packages from the source map.
    sourcemap: true,
    lib: { entry: { doctor: 'src/commands/doctor/command.ts' }, formats: ['es'] },
    rolldownOptions: { external: /^node:/ },
  },
};

export default defineConfig(({ mode }) => {
  switch (mode) {
    case 'script-tag':
      return scriptTag;
    case 'script-tag-all':
      return scriptTagAll;
    case 'script-module':
      return scriptModule;
    case 'script-tag-chunks':
      return scriptTagChunks;
    case 'doctor':
      return doctor;
    default:
      return modules;
  }
});
