import { readdirSync } from 'node:fs';
import { defineConfig, type UserConfig } from 'vite';
import { compress } from './build/compress.js';
import { minifyLiterals } from './build/minify-literals.js';
import { inlineDecorators } from './build/inline-decorators.js';
import manifest from './package.json' with { type: 'json' };

const target = 'es2022';

const banner = `/*! pica-connect ${manifest.version} | GPL-3.0, as it contains @picahq/authkit (GPL-3.0). Its own sources are MIT, Lit is BSD-3-Clause. See LICENSES.md in the package. */`;

const locales = readdirSync('src/locales').map((file) => file.replace(/[.]ts$/, ''));

/** ES modules for npm: one file for each source, with the dependencies left to the installer. */
const modules: UserConfig = {
  plugins: [minifyLiterals(), inlineDecorators()],
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

/**
 * One file with everything in it that a visitor needs, for a <script> of any type.
 * @param later the modules that, in it, load what lies beside it.
 */
const oneFile = (entry: string, fileName: string, later: RegExp): UserConfig => ({
  plugins: [minifyLiterals(), inlineDecorators(), compress()],
  resolve: { alias: [{ find: later, replacement: '$1/$2.beside.js' }] },
  build: {
    target,
    emptyOutDir: false,
    sourcemap: true,
    lib: { entry, formats: ['iife'], name: 'PicaConnectScript', fileName: () => fileName },
    rolldownOptions: { output: { banner, postBanner: banner } },
  },
});

const scriptTag = oneFile(
  'src/script-tag.ts',
  'pica-connect.min.js',
  /^(\.\.?)\/(diagnosis|own-window|preload|locale-files)\.js$/,
);

/** The same with every language in it. */
const scriptTagAll = oneFile(
  'src/script-tag.all.ts',
  'pica-connect.all.min.js',
  /^(\.\.?)\/(diagnosis|own-window|preload)\.js$/,
);

/** What the one file loads when it is first needed. */
const besideScriptTag: UserConfig = {
  plugins: [minifyLiterals(), inlineDecorators(), compress()],
  build: {
    target,
    emptyOutDir: false,
    sourcemap: true,
    lib: {
      entry: {
        'pica-connect.diagnosis': 'src/diagnosis/index.ts',
        'pica-connect.preload': 'src/authkit/preload.ts',
        'pica-connect.window': 'src/authkit/own-window.ts',
      },
      formats: ['es'],
    },
    rolldownOptions: {
      output: { minify: true, postBanner: `/*! pica-connect ${manifest.version} | MIT */` },
    },
  },
};

/** The command, in one file that needs nothing but Node. */
const doctor: UserConfig = {
  build: {
    target: 'node20',
    emptyOutDir: false,
    lib: { entry: { doctor: 'demo/doctor/command.ts' }, formats: ['es'] },
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
