import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { installedVersions, packages } from '../../demo/examples/cms/wordpress/packages.js';
import { backendSubjects } from './backends.js';

/** What a test is run with: a bundler, a framework, a backend or a CMS, in a folder of its own. */
interface Subject {
  folder: string;
  /** What is in that, for the report: "vue: vue 3.5.45, vite 8.3.8". */
  versions: string;
  /** How to get what it needs, where this machine does not have it. */
  advice?: string;
}

/** Where the subjects of a test file are. */
const places: Record<string, string> = {
  'bundlers.test.ts': 'test/packages/bundlers',
  'command.test.ts': 'test/packages/command',
  'frameworks.test.ts': 'demo/examples/frameworks',
  'cms.test.ts': 'demo/examples/cms',
  'cms-backend.test.ts': 'demo/examples/cms',
};

const once: Record<string, string> = {
  'getting-started.test.ts': `Node ${process.versions.node}`,
  'guarded-token.test.ts': '@picahq/authkit-token',
  'docs-layout.test.ts': 'every page',
};

/** The subjects of a test file, or those of them with these names. */
export const subjectsOf = async (file: string, only?: readonly string[]): Promise<Subject[]> => {
  const isChosen = (name: string) => only?.includes(name) ?? true;
  // Those that are run once, with what is here.
  if (basename(file) in once) {
    const name = basename(file, '.test.ts');
    return isChosen(name) ? [{ folder: name, versions: `${name}: ${once[basename(file)]}` }] : [];
  }
  if (basename(file) === 'backends.test.ts') {
    return backendSubjects().filter(({ folder }) => isChosen(basename(folder)));
  }
  const place = places[basename(file)];
  if (!place) throw new Error(`test/packages/subjects.ts does not say what ${file} is tried with.`);
  const names = readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isChosen(entry.name))
    .map(({ name }) => name);
  return Promise.all(names.map((name) => subjectIn(join(place, name))));
};

/** npm installs most of them; a CMS comes with the machine. */
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
