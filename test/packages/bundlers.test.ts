import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { InstalledApp } from './installed-app.js';

/** The part of a bundle that a page loads at once. */
interface Bundle {
  text: string;
  modules: string[];
}

/** The output of bundle.js. It leaves out what is loaded later. */
interface BundlerOutput {
  files: string[];
  modules: string[];
}

/** A folder of test/packages/bundlers. Its bundle.js bundles a file and prints the result as JSON. */
const folder = process.env.PACKAGES_SUBJECT ?? 'test/packages/bundlers/esbuild';

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
      const printed = await installed.run('node', 'bundle.js', `in/${name}.js`, 'out');
      const { files, modules } = JSON.parse(
        printed.split('\n').findLast(Boolean) ?? '',
      ) as BundlerOutput;
      const texts = await Promise.all(files.map((file) => readFile(installed.path(file), 'utf8')));
      bundles[name as keyof typeof entries] = { text: texts.join('\n'), modules };
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

  it('from the main entry loads the diagnosis later', () => {
    assert.deepEqual(
      packageModules(bundles.both).filter((module) => module.startsWith('diagnosis/')),
      [],
    );
  });

  it('that imports a class without using it has no code of the package and of Lit', () => {
    assert.match(bundles.unusedClasses.text, /mine/);
    assert.deepEqual(packageModules(bundles.unusedClasses), []);
    assert.doesNotMatch(bundles.unusedClasses.text, /pica-|customElements|litHtmlVersions/);
  });

  it('that uses only PicaError has no element', () => {
    assert.deepEqual(packageModules(bundles.usedClass), ['errors.js']);
    assert.doesNotMatch(bundles.usedClass.text, /customElements/);
  });
});
