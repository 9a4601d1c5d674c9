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
      ].map((name) => `src/${name}.ts`),
      formats: ['es'],
    },
    rolldownOptions: {
      // "use client" stays where it is when each module stays a module; a test holds that.
      checks: { moduleLevelDirective: false },
      external: [/^lit(\/|$)/, '@picahq/authkit', 'react'],
      output: {
        preserveModules: true,
        preserveModulesRoot: 'src',
        // What is built in has a place without its version, and none that npm leaves out of a package.
        entryFileNames: ({ name }) =>
          `${name.replace(/^.*(?:node_modules|_virtual)\//, 'built-in/').replace(/@\d[\d.]*/, '')}.js`,
      },
    },
  },
};

/** What the one file loads when it is first needed, each in a file of its own. */
const siblings = namesIn('src/script-tag/siblings');

const siblingFile = (name: string): string => `pica-connect.${name}.js`;

/**
 * One file with everything in it that a visitor needs, for a <script> of any type. Built after its siblings, whose
 * hashes it carries.
 * @param known the siblings that it may load.
 */
const oneFile = (entry: string, fileName: string, known: string[] = siblings): UserConfig => ({
  plugins: [
    hashes('SIBLING_HASHES', Object.fromEntries(known.map((name) => [name, siblingFile(name)]))),
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
    rolldownOptions: { output: { banner, postBanner: banner } },
  },
});

const scriptTag = oneFile('src/script-tag/script-tag.ts', 'pica-connect.min.js');

/** The same with every language in it. */
const scriptTagAll = oneFile(
  'src/script-tag/script-tag.all.ts',
  'pica-connect.all.min.js',
  siblings.filter((name) => name !== 'languages'),
);

/** Its siblings, built after the languages, whose hashes one of them carries. */
const besideScriptTag: UserConfig = {
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
      entry: siblings.map((name) => `src/script-tag/siblings/${name}.ts`),
      formats: ['es'],
    },
    rolldownOptions: {
      output: {
        entryFileNames: ({ name }) => siblingFile(name),
        minify: true,
        postBanner: `/*! pica-connect ${manifest.version} | MIT */`,
      },
    },
  },
};

/** The command, in one file that needs nothing but Node. */
const doctor: UserConfig = {
  build: {
    target: 'node20',
    emptyOutDir: false,
    // Tells the release's bill of materials what is in it.
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
    case 'beside-script-tag':
      return besideScriptTag;
    case 'doctor':
      return doctor;
    default:
      return modules;
  }
});
