import { readFileSync, readdirSync } from 'node:fs';

/*
 * Answers the release workflow. Its argument:
 *   next   prints what to do for this commit, as outputs of a workflow step
 *   notes  prints this version's section of CHANGELOG.md
 */

const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  name: string;
  version: string;
};

const hasChanges = (): boolean =>
  readdirSync('.changeset').some((file) => file.endsWith('.md') && file !== 'README.md');

const isPublished = async (): Promise<boolean> => {
  const registry = process.env.npm_config_registry ?? 'https://registry.npmjs.org/';
  const { status } = await fetch(new URL(`${name}/${version}`, registry));
  // Any other status says nothing about the version: a registry's failure must not look like a missing version.
  if (status !== 200 && status !== 404) throw new Error(`The registry answered ${status}.`);
  return status === 200;
};

/** Waiting changes come first, because they lead to a version that does not exist yet. */
const next = async (): Promise<'version' | 'publish' | 'nothing'> => {
  if (hasChanges()) return 'version';
  return (await isPublished()) ? 'nothing' : 'publish';
};

const notes = (): string => {
  const sections = readFileSync('CHANGELOG.md', 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${version}\n`));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section for ${version}.`);
  return section.slice(version.length).trim();
};

const [command] = process.argv.slice(2);
if (command === 'next') console.log(`next=${await next()}\nversion=${version}`);
else if (command === 'notes') console.log(notes());
else throw new Error('Say next or notes.');
