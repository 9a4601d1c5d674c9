import { copyFile, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import { build, type InlineConfig, type Plugin } from 'vite';

/*
 * Builds the pages that need no backend as folders of plain files: demo/app/pages/playground/dist and demo/app/pages/gallery/dist.
 * Each folder works at any URL, because it contains everything: the elements, and the sandbox as a service worker.
 */

const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const sandboxFolder = fromRoot('demo/sandbox/dist');

const sharedConfig: InlineConfig = {
  configFile: false,
  // The folder may be served from any path.
  base: './',
  logLevel: 'warn',
  publicDir: false,
};

export async function buildSite(): Promise<void> {
  await buildSandbox();
  await buildPages('playground', ['index.html']);
  const pages = await readdir(fromRoot('demo/app/pages/gallery'));
  await buildPages(
    'gallery',
    pages.filter((name) => name.endsWith('.html')),
  );
}

/** The page refers to its files by the sandbox server's URLs. Vite needs the paths of the sources. */
const resolveHostedPageFiles: Plugin = {
  name: 'resolve-hosted-page-files',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html.replace(
        /"hosted-page\/([^"]+)"/g,
        (_, file: string) => `"./${file.replace(/\.js$/, '.ts')}"`,
      ),
  },
};

/** Builds AuthKit's page, the consent page's files, and the service worker that answers all their requests. */
export async function buildSandbox(): Promise<void> {
  await build({
    ...sharedConfig,
    root: fromRoot('demo/sandbox/hosted-page'),
    plugins: [resolveHostedPageFiles],
    build: {
      outDir: sandboxFolder,
      emptyOutDir: true,
      rolldownOptions: {
        input: {
          authkit: fromRoot('demo/sandbox/hosted-page/page.html'),
          'close-window': fromRoot('demo/sandbox/consent-page/close-window.ts'),
        },
        output: {
          entryFileNames: ({ name }) =>
            name === 'close-window' ? 'consent-page/[name].js' : 'assets/[name]-[hash].js',
        },
      },
    },
  });
  // The elements open AuthKit's page at this URL.
  await rename(`${sandboxFolder}/page.html`, `${sandboxFolder}/authkit.html`);
  await mkdir(`${sandboxFolder}/consent-page`, { recursive: true });
  await copyFile(
    fromRoot('demo/sandbox/consent-page/consent.css'),
    `${sandboxFolder}/consent-page/consent.css`,
  );
  await build({
    ...sharedConfig,
    build: {
      outDir: sandboxFolder,
      emptyOutDir: false,
      lib: {
        entry: fromRoot('demo/sandbox/browser/service-worker.ts'),
        formats: ['iife'],
        name: 'sandbox',
        fileName: () => 'sandbox.js',
      },
    },
  });
}

async function buildPages(name: string, pages: string[]): Promise<void> {
  const outDir = fromRoot(`demo/app/pages/${name}/dist`);
  await build({
    ...sharedConfig,
    root: fromRoot(`demo/app/pages/${name}`),
    plugins: [tailwind()],
    define: { languages: JSON.stringify(await languages()) },
    build: {
      outDir,
      emptyOutDir: true,
      // The pages' Content Security Policy allows no inline scripts.
      assetsInlineLimit: 0,
      rolldownOptions: { input: pages.map((page) => fromRoot(`demo/app/pages/${name}/${page}`)) },
    },
  });
  await cp(sandboxFolder, outDir, { recursive: true });
  const elements = fromRoot('dist');
  for (const file of await readdir(elements)) {
    const isNeeded = /^pica-connect\..*js$/.test(file) || file === 'locales';
    if (isNeeded) {
      await cp(`${elements}/${file}`, `${outDir}/pica-connect/${file}`, { recursive: true });
    }
  }
  await rm(`${outDir}/pica-connect/pica-connect.all.min.js`, { force: true });
}

/** The elements' languages, English first. */
export async function languages(): Promise<string[]> {
  const files = await readdir(fromRoot('src/locales'));
  const found = files.map((file) => /^([a-z]{2}(-[A-Z]{2})?)\.ts$/.exec(file)?.[1] ?? '');
  return ['en', ...found.filter((language) => language && language !== 'en').sort()];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildSite();
