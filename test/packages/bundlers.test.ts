import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Installed } from './installed.js';

/** What a page loads at once of a bundle: its text, and the files that are in it. */
interface Bundle {
  text: string;
  modules: string[];
}

/** What bundle.js prints: what is loaded at once, and not what is loaded when it is first needed. */
interface Printed {
  files: string[];
  modules: string[];
}

/** A folder of test/packages/bundlers, whose bundle.js says what became of the file that it is given. */
const folder = process.env.PACKAGES_SUBJECT ?? 'test/packages/bundlers/esbuild';

const entries = {
  button: `import 'pica-connect/button';`,
  list: `import 'pica-connect/list';`,
  both: `import { PicaError } from 'pica-connect'; console.log(PicaError.name);`,
  unusedClasses: `import { PicaConnectButton } from 'pica-connect/classes'; console.log('mine');`,
  usedClass: `import { PicaError } from 'pica-connect/classes'; console.log(PicaError.name);`,
};

describe(`a bundle by ${basename(folder)}`, () => {
  let installed: Installed;
  const bundles = {} as Record<keyof typeof entries, Bundle>;

  before(async () => {
    installed = await Installed.from(folder);
    await mkdir(installed.path('in'));
    for (const [name, text] of Object.entries(entries)) {
      await writeFile(installed.path(`in/${name}.js`), text);
      const printed = await installed.run('node', 'bundle.js', `in/${name}.js`, 'out');
      const { files, modules } = JSON.parse(printed.split('\n').findLast(Boolean) ?? '') as Printed;
      const texts = await Promise.all(files.map((file) => readFile(installed.path(file), 'utf8')));
      bundles[name as keyof typeof entries] = { text: texts.join('\n'), modules };
    }
  });
  after(() => installed.remove());

  const ours = ({ modules }: Bundle): string[] =>
    modules
      .filter((path) => path.includes('/pica-connect/dist/'))
      .map((path) => path.replace(/^.*\/pica-connect\/dist\//, ''));
  const isOfTheList = (module: string) => module.includes('connections-list');
  const isOfTheButton = (module: string) => module.includes('connect-button');

  it('of the button has no code of the list', () => {
    assert.ok(ours(bundles.button).includes('connect-button/connect-button.js'));
    assert.deepEqual(ours(bundles.button).filter(isOfTheList), []);
    assert.doesNotMatch(bundles.button.text, /pica-connections-list/);
  });

  it('of the list has no code of the button', () => {
    assert.ok(ours(bundles.list).includes('connections-list/connections-list.js'));
    assert.deepEqual(ours(bundles.list).filter(isOfTheButton), []);
  });

  it('of the whole has both, registered', () => {
    assert.ok(ours(bundles.both).some(isOfTheButton));
    assert.match(bundles.both.text, /["'`]pica-connections-list["'`]/);
    assert.match(bundles.both.text, /customElements\.define\(/);
  });

  it('of the whole leaves what is only needed where something is wrong for later', () => {
    assert.deepEqual(
      ours(bundles.both).filter((module) => module.startsWith('diagnosis/')),
      [],
    );
  });

  it('that imports a class and uses none has nothing of the package, nor of Lit', () => {
    assert.match(bundles.unusedClasses.text, /mine/);
    assert.deepEqual(ours(bundles.unusedClasses), []);
    assert.doesNotMatch(bundles.unusedClasses.text, /pica-|customElements|litHtmlVersions/);
  });

  it('that uses the class of errors has no element', () => {
    assert.deepEqual(ours(bundles.usedClass), ['errors.js']);
    assert.doesNotMatch(bundles.usedClass.text, /customElements/);
  });
});
