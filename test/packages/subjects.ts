import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A bundler or a framework that the package is tried with: a folder with a package.json of its own. */
interface Subject {
  folder: string;
  /** What is in that, for the report: "vue 3.5.45, vite 8.3.8". */
  versions: string;
}

/** Where the subjects of a test file are. */
const places: Record<string, string> = {
  'bundlers.test.ts': 'test/packages/bundlers',
  'frameworks.test.ts': 'demo/frameworks',
};

/** The subjects of a test file, or those of them with these names. */
export const subjectsOf = (file: string, only?: readonly string[]): Subject[] => {
  const place = places[basename(file)];
  if (!place) throw new Error(`test/packages/subjects.ts does not say what ${file} is tried with.`);
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && (only?.includes(entry.name) ?? true))
    .map(({ name }) => ({
      folder: join(place, name),
      versions: `${name}: ${versionsIn(join(place, name))}`,
    }));
};

const versionsIn = (folder: string): string => {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
};
