import { readdirSync } from 'node:fs';
import { defineConfig, type UserConfig } from 'vite';
import { classicScript } from './.config/vite/classic-script.js';
import { compress } from './.config/vite/compress.js';
import { hashes } from './.config/vite/hashes.js';
import { minifyLiterals } from './.config/vite/minify-literals.js';
import { shieldLit } from './.config/vite/shield-lit.js';
import manifest from './package.json' with { type: 'json' };

const target = 'es2022';

const banner = `/*! pica-connect ${manifest.version} | GPL-3.0, as it contains @picahq/authkit (GPL-3.0). Its own sources are MIT, Lit is BSD-3-Clause. See LICENSES.md in the package. */`;

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

/**
 * One file with everything that a visitor needs, for a `<script>` of any type. It contains the hashes of its chunks, so
 * they are built first.
 * @param loaded the chunks that it may load.
 */
const oneFile = (entry: string, fileName: string, loaded: string[] = chunks): UserConfig => ({
  plugins: [
    hashes('CHUNK_HASHES', Object.fromEntries(loaded.map((name) => [name, chunkFile(name)]))),
    minifyLiterals(),
    shieldLit(),
    compress(),
  ],
  define: { LOCALE_NAMES: JSON.stringify(otherLocales.join(' ')) },
  resolve: { alias: [{ find: '../lazy.js', replacement: '/src/script-tag/lazy.ts' }] },
  build: {
    target,
    emptyOutDir: false,
    sourcemap: true,
    lib: { entry, formats: ['iife'], name: 'PicaConnectScript', fileName: () => fileName },
    rolldownOptions: {
      // Terser takes most of the time, as expected.
      checks: { pluginTimings: false },
      output: { banner, postBanner: banner },
    },
  },
});

const scriptTag = oneFile('src/script-tag/script-tag.ts', 'pica-connect.min.js');

/** The one-file build with every language. */
const scriptTagAll = oneFile(
  'src/script-tag/script-tag.all.ts',
  'pica-connect.all.min.js',
  chunks.filter((name) => name !== 'languages'),
);

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
        postBanner: `/*! pica-connect ${manifest.version} | MIT */`,
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
    case 'script-tag-chunks':
      return scriptTagChunks;
    case 'doctor':
      return doctor;
    default:
      return modules;
  }
});
