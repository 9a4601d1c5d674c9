import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/*
 * The steps of the release workflow: npm run release -- next
 *   next     prints what to do for this commit, as outputs of a workflow step
 *   version  makes the next version from the changes in .changeset
 *   notes    prints this version's section of CHANGELOG.md
 *   sbom     prints the bill of materials
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

/** Checks for changes first, because they belong to a version that does not exist yet. */
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

const gatherChanges = (): void => {
  for (const command of [
    'changeset version',
    'npm install --package-lock-only',
    'npm run build -- manifest',
    'node .config/release/integrity.mjs --out-of-readme',
    'prettier --write CHANGELOG.md',
  ]) {
    const { status } = spawnSync(command, { shell: true, stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command} ended with ${status}.`);
  }
};

const [command] = process.argv.slice(2);
if (command === 'next') console.log(`next=${await next()}\nversion=${version}`);
else if (command === 'version') gatherChanges();
else if (command === 'notes') console.log(notes());
else if (command === 'sbom') await import('./sbom.js');
else throw new Error('Pass next, version, notes or sbom.');
