import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { fonts } from './pages.js';

/** The versions of what a picture depends on, besides the sources. */
interface Versions {
  /** Chromium's major version. */
  chromium: string;
  /** For each font that the pages use: the installed font that the system selects, with its version. */
  fonts: Record<string, string>;
}

const file = new URL('baselines/versions.json', import.meta.url);

export function writeVersions(version: string): void {
  writeFileSync(file, `${JSON.stringify(localVersions(version), null, 2)}\n`);
}

/** Returns why this machine's pictures can't be compared with the baselines. On CI they always are. */
export function reasonToSkip(version: string): string | undefined {
  const isCi = Boolean(process.env.CI) && process.env.CI !== 'false';
  if (isCi || !existsSync(file)) return undefined;
  const local = localVersions(version);
  if (isDeepStrictEqual(local, JSON.parse(readFileSync(file, 'utf8')))) return undefined;
  return `The baselines have other fonts or another Chromium: ${JSON.stringify(local)}`;
}

function localVersions(version: string): Versions {
  return {
    chromium: version.split('.')[0] ?? '',
    fonts: Object.fromEntries(fonts.map((name) => [name, installedFont(name)])),
  };
}

function installedFont(name: string): string {
  try {
    const format = '%{family[0]} %{fontversion}';
    return execFileSync('fc-match', ['--format', format, name], { encoding: 'utf8' });
  } catch {
    // The baselines come from machines with fontconfig, and this one has none.
    return 'unknown';
  }
}
