import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import { createServer, type Plugin, type ViteDevServer } from 'vite';
import { buildSandbox, languages } from '../../demo/app/site/build.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** This entry contains every language, and loads later parts through src/lazy.ts instead of files with hashes. */
const elements = '/src/script-tag/script-tag.all.ts';

/** Returns the file for a URL's path, relative to the root. Undefined leaves the path to Vite. */
const fileFor = (path: string): string | undefined => {
  const [, folder = '', rest = ''] =
    /^\/(playground|gallery|doctor|settings)\/(.*)$/.exec(path) ?? [];
  const name = (folder ? rest : path.slice(1)) || 'index.html';
  const candidates = [
    `demo/app/pages/${folder || 'settings'}/${name}`,
    ...(['playground', 'gallery'].includes(folder) ? [`demo/sandbox/dist/${name}`] : []),
  ];
  const found = candidates.find((candidate) => existsSync(join(root, candidate)));
  return found && `/${found}`;
};

const demoPages: Plugin = {
  name: 'demo-pages',
  configureServer({ middlewares }) {
    middlewares.use((request, response, next) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      // The playground and the gallery load this as a classic script.
      if (url.pathname.endsWith('/pica-connect/pica-connect.min.js')) {
        response.setHeader('content-type', 'text/javascript');
        response.end(`import(${JSON.stringify(elements)});`);
        return;
      }
      const file = fileFor(url.pathname);
      if (file) request.url = file + url.search;
      next();
    });
  },
  transformIndexHtml: (html) =>
    html.replace(
      /<script src="\/dist\/pica-connect\.min\.js" defer>/,
      `<script src="${elements}" type="module">`,
    ),
};

/** Reloads the whole page, because an element cannot be defined twice. */
const reload: Plugin = {
  name: 'reload-at-every-save',
  async hotUpdate({ file, server }) {
    if (this.environment.name !== 'client') return;
    if (file.startsWith(join(root, 'demo/sandbox/'))) await buildSandbox();
    server.ws.send({ type: 'full-reload' });
    return [];
  },
};

export const startPages = async ({
  port,
  backend,
}: {
  port: number;
  backend: string;
}): Promise<ViteDevServer> => {
  const server = await createServer({
    configFile: false,
    root,
    appType: 'mpa',
    logLevel: 'warn',
    publicDir: false,
    plugins: [demoPages, reload, tailwind()],
    define: { languages: JSON.stringify(await languages()) },
    optimizeDeps: { entries: ['src/index.ts', 'demo/app/pages/{playground,gallery}/*.html'] },
    server: {
      host: '127.0.0.1',
      port,
      strictPort: true,
      // Vite cannot find the pages' scripts by itself: only the middleware above knows their URLs.
      preTransformRequests: false,
      // Keeps the Host header, because the backend compares the page's origin with it.
      proxy: Object.fromEntries(['/api', '/docs'].map((path) => [path, { target: backend }])),
      watch: {
        ignored: ['**/dist/**', '**/.data/**', '**/.test-results/**', join(root, 'test/**')],
      },
    },
  });
  return server.listen();
};
