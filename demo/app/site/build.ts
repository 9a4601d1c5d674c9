import { copyFile, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import { build, type InlineConfig, type Plugin } from 'vite';

/*
 * Builds the pages that need no backend as folders of plain files: demo/app/pages/playground/dist and demo/app/pages/gallery/dist.
 * Each works wherever it lies, as it has all of it: the elements, and the sandbox as a service worker.
 */

const place = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const sandboxFolder = place('demo/sandbox/dist');

/** What every build has. */
const common: InlineConfig = {
  configFile: false,
  // Wherever the folder is put.
  base: './',
  logLevel: 'warn',
  publicDir: false,
};

export async function buildSite(): Promise<void> {
  await buildSandbox();
  await buildPages('playground', ['index.html']);
  const pages = await readdir(place('demo/app/pages/gallery'));
  await buildPages(
    'gallery',
    pages.filter((name) => name.endsWith('.html')),
  );
}

/** The page names its files as they are to the sandbox's server: below it, and as JavaScript. */
const besideItself: Plugin = {
  name: 'beside-itself',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace(
        /"hosted-page\/([^"]+)"/g,
        (_, file: string) => `"./${file.replace(/\.js$/, '.ts')}"`,
      ),
  },
};

/** AuthKit's page, the consent page's files, and the worker that answers what they and the elements ask for. */
export async function buildSandbox(): Promise<void> {
  await build({
    ...common,
    root: place('demo/sandbox/hosted-page'),
    plugins: [besideItself],
    build: {
      outDir: sandboxFolder,
      emptyOutDir: true,
      rolldownOptions: {
        input: {
          authkit: place('demo/sandbox/hosted-page/page.html'),
          'close-window': place('demo/sandbox/consent-page/close-window.ts'),
        },
        output: {
          entryFileNames: ({ name }) =>
            name === 'close-window' ? 'consent-page/[name].js' : 'assets/[name]-[hash].js',
        },
      },
    },
  });
  // AuthKit's page is called by this name, and asks for all else beside it.
  await rename(`${sandboxFolder}/page.html`, `${sandboxFolder}/authkit.html`);
  await mkdir(`${sandboxFolder}/consent-page`, { recursive: true });
  await copyFile(
    place('demo/sandbox/consent-page/consent.css'),
    `${sandboxFolder}/consent-page/consent.css`,
  );
  await build({
    ...common,
    build: {
      outDir: sandboxFolder,
      emptyOutDir: false,
      lib: {
        entry: place('demo/sandbox/browser/service-worker.ts'),
        formats: ['iife'],
        name: 'sandbox',
        fileName: () => 'sandbox.js',
      },
    },
  });
}

async function buildPages(name: string, pages: string[]): Promise<void> {
  const outDir = place(`demo/app/pages/${name}/dist`);
  await build({
    ...common,
    root: place(`demo/app/pages/${name}`),
    plugins: [tailwind()],
    define: { languages: JSON.stringify(await languages()) },
    build: {
      outDir,
      emptyOutDir: true,
      // The scripts of a page are small, and its policy allows no inline ones.
      assetsInlineLimit: 0,
      rolldownOptions: { input: pages.map((page) => place(`demo/app/pages/${name}/${page}`)) },
    },
  });
  await cp(sandboxFolder, outDir, { recursive: true });
  const elements = place('dist');
  for (const file of await readdir(elements)) {
    const isNeeded = /^pica-connect\..*js$/.test(file) || file === 'locales';
    if (isNeeded) {
      await cp(`${elements}/${file}`, `${outDir}/pica-connect/${file}`, { recursive: true });
    }
  }
  await rm(`${outDir}/pica-connect/pica-connect.all.min.js`, { force: true });
}

/** The languages that the elements speak, English first. */
async function languages(): Promise<string[]> {
  const files = await readdir(place('src/locales'));
  const found = files.map((file) => /^([a-z]{2}(-[A-Z]{2})?)\.ts$/.exec(file)?.[1] ?? '');
  return ['en', ...found.filter((language) => language && language !== 'en').sort()];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSite();
