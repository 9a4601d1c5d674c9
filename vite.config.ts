import { defineConfig, type UserConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };

const target = 'es2022';

const banner = `/*! pica-connect ${manifest.version} | GPL-3.0, as it contains @picahq/authkit (GPL-3.0). Its own sources are MIT, Lit is BSD-3-Clause. See LICENSES.md in the package. */`;

/** ES modules for npm: one file for each source, with the dependencies left to the installer. */
const modules: UserConfig = {
  build: {
    target,
    minify: false,
    sourcemap: true,
    lib: {
      entry: [
        ...['index', 'button', 'list', 'classes'],
        ...['react', 'jsx', 'vue'].map((name) => `frameworks/${name}`),
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

/** One file with everything in it, for a <script> of any type. */
const scriptTag: UserConfig = {
  build: {
    target,
    emptyOutDir: false,
    sourcemap: true,
    lib: {
      entry: 'src/script-tag.ts',
      formats: ['iife'],
      name: 'PicaConnectScript',
      fileName: () => 'pica-connect.min.js',
    },
    rolldownOptions: { output: { banner, postBanner: banner } },
  },
};

export default defineConfig(({ mode }) => (mode === 'script-tag' ? scriptTag : modules));
