import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch } from '../end-to-end/chromium.js';
import { AppHost } from './app-host.js';
import { AppPage } from './app-page.js';
import { InstalledApp } from './installed-app.js';

/** The output of bundle.js. */
interface BundlerOutput {
  /** What a page loads at once. */
  files: string[];
  /** The modules in these files. */
  modules: string[];
  /** What a page loads when it's needed. */
  later: string[];
  warnings: unknown[];
}

interface Bundle extends BundlerOutput {
  /** The contents of `files`. */
  text: string;
}

/** A folder of test/packages/bundlers. Its bundle.js bundles a file and prints the result as JSON. */
const folder = process.env.PACKAGES_SUBJECT ?? 'test/packages/bundlers/esbuild';

const isEsbuild = basename(folder) === 'esbuild';

const entries = {
  button: `import 'pica-connect/button';`,
  list: `import 'pica-connect/list';`,
  both: `import { PicaError } from 'pica-connect'; console.log(PicaError.name);`,
  unusedClasses: `import { PicaConnectButton } from 'pica-connect/classes'; console.log('mine');`,
  usedClass: `import { PicaError } from 'pica-connect/classes'; console.log(PicaError.name);`,
};

describe(`a bundle made by ${basename(folder)}`, () => {
  let installed: InstalledApp;
  const bundles = {} as Record<keyof typeof entries, Bundle>;

  before(async () => {
    installed = await InstalledApp.from(folder);
    await mkdir(installed.path('in'));
    for (const [name, text] of Object.entries(entries)) {
      await writeFile(installed.path(`in/${name}.js`), text);
      const printed = await installed.run('node', 'bundle.js', `in/${name}.js`, `out/${name}`);
      const output = JSON.parse(printed.split('\n').findLast(Boolean) ?? '') as BundlerOutput;
      const texts = await Promise.all(
        output.files.map((file) => readFile(installed.path(file), 'utf8')),
      );
      bundles[name as keyof typeof entries] = { ...output, text: texts.join('\n') };
    }
  });
  after(() => installed.remove());

  const packageModules = ({ modules }: Bundle): string[] =>
    modules
      .filter((path) => path.includes('/pica-connect/dist/'))
      .map((path) => path.replace(/^.*\/pica-connect\/dist\//, ''));
  const isListModule = (module: string) => module.includes('connections-list');
  const isButtonModule = (module: string) => module.includes('connect-button');

  it('from the button’s entry has no code of the list', () => {
    assert.ok(packageModules(bundles.button).includes('connect-button/connect-button.js'));
    assert.deepEqual(packageModules(bundles.button).filter(isListModule), []);
    assert.doesNotMatch(bundles.button.text, /pica-connections-list/);
  });

  it('from the list’s entry has no code of the button', () => {
    assert.ok(packageModules(bundles.list).includes('connections-list/connections-list.js'));
    assert.deepEqual(packageModules(bundles.list).filter(isButtonModule), []);
  });

  it('from the main entry registers both elements', () => {
    assert.ok(packageModules(bundles.both).some(isButtonModule));
    assert.match(bundles.both.text, /["'`]pica-connections-list["'`]/);
    assert.match(bundles.both.text, /customElements\.define\(/);
  });

  it('is made without a warning', () => {
    assert.deepEqual(
      Object.values(bundles).flatMap(({ warnings }) => warnings),
      [],
    );
  });

  it('from the main entry loads the opening, the diagnosis and rare parts later', () => {
    const later = /^(diagnosis\/|connect\/(opener|preload)|authkit\/(session|window-surface))/;
    assert.deepEqual(
      packageModules(bundles.both).filter((module) => later.test(module)),
      [],
    );
    assert.doesNotMatch(bundles.both.text, /event-link/, 'AuthKit');
  });

  it('has a name for each chunk', () => {
    // Bundlers that take the name from the module call the diagnosis "index" or "diagnosis".
    for (const part of [/opener/, /diagnosis|index/, /preload/, /window/]) {
      const { later } = bundles.both;
      assert.ok(
        later.some((file) => part.test(basename(file))),
        `${part.source} in ${later.join()}`,
      );
    }
  });

  it('that imports a class without using it has no code of the package and of Lit', () => {
    assert.match(bundles.unusedClasses.text, /mine/);
    assert.deepEqual(packageModules(bundles.unusedClasses), []);
    assert.doesNotMatch(bundles.unusedClasses.text, /pica-|customElements|litHtmlVersions/);
  });

  it('that uses only PicaError has no element', () => {
    const modules = packageModules(bundles.usedClass);
    assert.ok(modules.includes('errors.js'));
    // esbuild makes the opening's chunk even if nothing loads it. What the chunk and the entry both import, used or not,
    // goes into one file, which the entry loads.
    const shared = /^(events|(localization|locales|hardening)\/[\w-]+)\.js$/;
    const others = modules.filter((module) => module !== 'errors.js');
    assert.deepEqual(isEsbuild ? others.filter((module) => !shared.test(module)) : others, []);
    assert.doesNotMatch(bundles.usedClass.text, /customElements/);
  });

  describe('in a page', () => {
    let host: AppHost;
    let browser: Browser;

    before(async () => {
      browser = await launch('--disable-features=LocalNetworkAccessChecks');
      host = await AppHost.start();
      host.serve(installed.path('out/button'));
    });
    after(async () => {
      await browser.close();
      await host.close();
    });

    /** Opens a page with a button, and connects an account. Returns the scripts that were loaded after the page. */
    const connect = async (script: string): Promise<string[]> => {
      await writeFile(
        installed.path('out/button/index.html'),
        `<!doctype html><html lang="en"><link rel="icon" href="data:," />
        <script type="module" src="/${basename(script)}"></script>
        <pica-connect-button token-url="/api/authkit/token" connections-url="/api/connections"
          token-headers='{"authorization":"Bearer of-ada"}' selected-connection="Gmail"></pica-connect-button>
        <output id="events">ready</output>`,
      );
      const app = await AppPage.open(browser, host);
      const loaded: string[] = [];
      app.page.on('request', (request) => {
        if (request.resourceType() === 'script' && request.url().startsWith(host.origin)) {
          loaded.push(`out/button${request.url().slice(host.origin.length)}`);
        }
      });
      host.rows = [];
      await app.connect('pica-connect-button', 'Gmail');
      assert.deepEqual(
        host.rows.map(({ platform }) => platform),
        ['gmail'],
      );
      assert.deepEqual(app.consoleErrors, []);
      await app.context.close();
      return loaded;
    };

    it('connects an account, with the opening from its chunk', async () => {
      const { files, later } = bundles.button;
      const loaded = await connect(files[0] ?? '');
      assert.ok(
        loaded.some((file) => file.includes('opener')),
        loaded.join(),
      );
      assert.deepEqual(
        loaded.filter((file) => !later.includes(file)),
        [],
      );
    });

    if (isEsbuild) {
      it('connects an account without splitting, with everything in one file', async () => {
        const options = ['--bundle', '--minify', '--format=esm', '--outfile=out/button/one.js'];
        await installed.run('npx', 'esbuild', 'in/button.js', ...options);
        assert.deepEqual(await connect('out/button/one.js'), []);
      });
    }
  });
});
