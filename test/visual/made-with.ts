import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { fonts } from './pages.js';

/** What a picture depends on besides the sources. */
interface MadeWith {
  /** Chromium's major version. */
  chromium: string;
  /** The font that is there for each that the pictures ask for, with its version. */
  fonts: Record<string, string>;
}

const file = new URL('baselines/made-with.json', import.meta.url);

export function writeMadeWith(version: string): void {
  writeFileSync(file, `${JSON.stringify(madeWith(version), null, 2)}\n`);
}

/** Why pictures of this machine cannot be compared, if so. On CI they have to be. */
export function reasonToSkip(version: string): string | undefined {
  const isCi = Boolean(process.env.CI) && process.env.CI !== 'false';
  if (isCi || !existsSync(file)) return undefined;
  const here = madeWith(version);
  if (isDeepStrictEqual(here, JSON.parse(readFileSync(file, 'utf8')))) return undefined;
  return `Other fonts or another Chromium than the baselines': ${JSON.stringify(here)}`;
}

function madeWith(version: string): MadeWith {
  return {
    chromium: version.split('.')[0] ?? '',
    fonts: Object.fromEntries(fonts.map((name) => [name, fontHere(name)])),
  };
}

function fontHere(name: string): string {
  try {
    const format = '%{family[0]} %{fontversion}';
    return execFileSync('fc-match', ['--format', format, name], { encoding: 'utf8' });
  } catch {
    // No fontconfig: a machine other than those that the baselines are for.
    return 'unknown';
  }
}
