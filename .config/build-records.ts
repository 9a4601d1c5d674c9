import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Records what was built from what, so that the demo and the tests build only what is out of date. A record has hashes
 * instead of modification times, because a checkout of another branch leaves old files with new times, and new files
 * with old ones.
 */

/** Something that the demo or the tests load, and that takes long to build. Paths are relative to the root. */
export interface Build {
  name: string;
  /** Files and folders that it is built from. */
  sources: readonly string[];
  /** Files and folders that it writes. */
  outputs: readonly string[];
  /** Builds that are part of this one, and are recorded with it. */
  includes?: readonly Build[];
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every `npm install` and `npm ci` changes these. */
const dependencies = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'];

/** The part of the package that the demo's pages load. */
export const scriptTagBuild: Build = {
  name: 'script-tag',
  sources: ['src', '.config/vite', 'vite.config.ts', 'tsconfig.json', ...dependencies],
  outputs: [
    'dist/pica-connect.min.js',
    ...readdirSync(join(root, 'src/script-tag/chunks')).map(
      (file) => `dist/pica-connect.${file.replace(/[.]ts$/, '.js')}`,
    ),
    'dist/locales',
  ],
};

export const packageBuild: Build = {
  name: 'package',
  sources: ['src', '.config', 'vite.config.ts', 'tsconfig.json', ...dependencies],
  outputs: ['dist', 'custom-elements.json', 'demo/docs/reference'],
  includes: [scriptTagBuild],
};

/** The playground and the gallery. */
export const siteBuild: Build = {
  name: 'site',
  sources: [
    ...['demo/app/pages', 'demo/app/site', 'demo/sandbox', 'tsconfig.json', ...dependencies],
    ...['src/locales', 'custom-elements.json'],
    // The pages have copies of this file and of those that it loads. It contains their hashes.
    'dist/pica-connect.min.js',
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
const writtenByBuilds = /(^|\/)(dist|\.vitepress\/(cache|\.temp))$/;

/**
 * @returns whether nothing has changed the sources and the outputs since the build was recorded
 * @param folder where the build's paths start; another one only in tests
 */
export const isUpToDate = (build: Build, folder = root): boolean => {
  const file = recordFile(build, folder);
  if (!existsSync(file)) return false;
  return readFileSync(file, 'utf8') === record(build, hashOf(build.sources, folder), folder);
};

/**
 * Call it before a build.
 * @returns a function that records the build. Call that after the build has succeeded.
 */
export const beginBuild = (build: Build, folder = root): (() => void) => {
  // Hashed now, so that a source that changes during the build leads to another build.
  const parts = [build, ...(build.includes ?? [])].map(
    (part) => [part, hashOf(part.sources, folder)] as const,
  );
  return () => {
    for (const [part, sourcesHash] of parts) {
      const file = recordFile(part, folder);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, record(part, sourcesHash, folder));
    }
  };
};

const recordFile = ({ name }: Build, folder: string): string =>
  join(folder, 'node_modules/.cache/pica-connect', name);

const record = ({ outputs }: Build, sourcesHash: string, folder: string): string =>
  `${sourcesHash} ${hashOf(outputs, folder)}`;

/** A hash of the names and contents of all files. */
const hashOf = (paths: readonly string[], folder: string): string => {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    const file = join(folder, path);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory()) {
      const inside = readdirSync(file).map((name) => `${path}/${name}`);
      for (const one of inside.filter((name) => !writtenByBuilds.test(name)).sort()) add(one);
    } else if (stats) {
      hash.update(`${path}\0${String(stats.size)}\0`).update(readFileSync(file));
    }
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
};
