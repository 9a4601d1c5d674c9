import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { installedVersions, packages } from '../../demo/examples/cms/wordpress/packages.js';
import { backendSubjects } from './backend-runtimes.js';

/** The subject of a test run: the folder of a bundler, a framework, a backend or a CMS. */
interface Subject {
  folder: string;
  /** Its name and versions for the report, such as "vue: vue 3.5.45, vite 8.3.8". */
  versions: string;
  /** How to install what this machine lacks. */
  advice?: string;
}

/** The parent folder of each test file's subjects. */
const subjectFolders: Record<string, string> = {
  'bundlers.test.ts': 'test/packages/bundlers',
  'command.test.ts': 'test/packages/command',
  'frameworks.test.ts': 'demo/examples/frameworks',
  'cms.test.ts': 'demo/examples/cms',
  'cms-backend.test.ts': 'demo/examples/cms',
};

/** Test files that run only once, with a text for the report. */
const withoutSubjects: Record<string, string> = {
  'getting-started.test.ts': `Node ${process.versions.node}`,
  'guarded-token.test.ts': '@picahq/authkit-token',
  'docs-layout.test.ts': 'every page',
};

/** The subjects of a test file, or only those with these names. */
export const subjectsOf = async (file: string, only?: readonly string[]): Promise<Subject[]> => {
  const isChosen = (name: string) => only?.includes(name) ?? true;
  if (basename(file) in withoutSubjects) {
    const name = basename(file, '.test.ts');
    const versions = `${name}: ${withoutSubjects[basename(file)]}`;
    return isChosen(name) ? [{ folder: name, versions }] : [];
  }
  if (basename(file) === 'backends.test.ts') {
    return backendSubjects().filter(({ folder }) => isChosen(basename(folder)));
  }
  const parent = subjectFolders[basename(file)];
  if (!parent) throw new Error(`test/packages/subjects.ts has no subjects for ${file}.`);
  const names = readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isChosen(entry.name))
    .map(({ name }) => name);
  return Promise.all(names.map((name) => subjectIn(join(parent, name))));
};

/** npm installs bundlers and frameworks later, but a CMS has to be on this machine already. */
const subjectIn = async (folder: string): Promise<Subject> => {
  const name = basename(folder);
  if (folder !== 'demo/examples/cms/wordpress')
    return { folder, versions: `${name}: ${versionsIn(folder)}` };
  const versions = await installedVersions();
  if (versions) return { folder, versions: `${name}: ${versions}` };
  const advice = `apt-get install --no-install-recommends ${packages.join(' ')}; see demo/examples/cms/README.md`;
  return { folder, versions: name, advice };
};

const versionsIn = (folder: string): string => {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
};
