import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Something that tests load, and that takes long enough to build to do it only when needed. */
export interface Build {
  /** What `npm run build --` calls it. */
  name: 'package' | 'site' | 'docs';
  /** Files and folders that it is built from. */
  sources: readonly string[];
  outputs: readonly string[];
}

/** Changed by every `npm install` and `npm ci`. */
const dependencies = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'];

export const packageBuild: Build = {
  name: 'package',
  sources: ['src', '.config', 'vite.config.ts', 'tsconfig.json', ...dependencies],
  outputs: ['dist', 'custom-elements.json', 'demo/docs/reference'],
};

export const siteBuild: Build = {
  name: 'site',
  sources: [
    ...['demo/app/pages', 'demo/app/site', 'demo/sandbox', 'tsconfig.json', ...dependencies],
    // The pages have copies of what the package is built to.
    ...['src', ...packageBuild.outputs],
  ],
  outputs: ['demo/sandbox/dist', 'demo/app/pages/playground/dist', 'demo/app/pages/gallery/dist'],
};

export const docsBuild: Build = {
  name: 'docs',
  sources: [
    ...['demo/docs', 'demo/app/pages/settings', 'custom-elements.json', 'tsconfig.json'],
    ...dependencies,
  ],
  outputs: ['demo/docs/.vitepress/dist'],
};

/** Folders among the sources that builds write to. */
const writtenByBuild = /(^|\/)(dist|\.vitepress\/(cache|\.temp))$/;

/** A folder in which VitePress creates and removes folders until the end of a build. */
const changedByBuild = /(^|\/)\.vitepress$/;

interface State {
  /** Of the names and contents of all files. */
  hash: string;
  /** When anything was changed last, and what has not been changed for longest, in milliseconds. */
  newestMs: number;
  oldestMs: number;
}

/**
 * Whether the last build of this kind was made from the sources as they are, and nothing has changed its outputs
 * since. The times matter too: `npm run demo`, which tests start, builds again what is older than its sources.
 */
export const isUpToDate = (build: Build): boolean => {
  if (!existsSync(recordOf(build))) return false;
  const sources = stateOf(build.sources);
  const outputs = stateOf(build.outputs);
  return (
    readFileSync(recordOf(build), 'utf8') === `${sources.hash} ${outputs.hash}` &&
    sources.newestMs <= outputs.oldestMs
  );
};

/**
 * Remembers a build that has succeeded.
 * @param sourcesHash of before the build, so that a change made meanwhile leads to another one
 */
export const recordBuild = (build: Build, sourcesHash: string): void => {
  mkdirSync(dirname(recordOf(build)), { recursive: true });
  writeFileSync(recordOf(build), `${sourcesHash} ${stateOf(build.outputs).hash}`);
};

export const hashOfSources = ({ sources }: Build): string => stateOf(sources).hash;

const recordOf = ({ name }: Build): string => join('.test-results', 'builds', name);

const stateOf = (paths: readonly string[]): State => {
  const hash = createHash('sha256');
  let newestMs = 0;
  let oldestMs = Infinity;
  const add = (path: string): void => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    // A folder changes when a file is added or removed.
    if (!changedByBuild.test(path)) newestMs = Math.max(newestMs, stats.mtimeMs);
    if (stats.isDirectory()) {
      const inside = readdirSync(path).map((name) => join(path, name));
      for (const one of inside.filter((name) => !writtenByBuild.test(name)).sort()) add(one);
    } else {
      oldestMs = Math.min(oldestMs, stats.mtimeMs);
      hash.update(path).update('\0').update(readFileSync(path)).update('\0');
    }
  };
  for (const path of paths) add(path);
  return { hash: hash.digest('hex'), newestMs, oldestMs };
};
