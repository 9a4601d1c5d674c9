import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import css from '@eslint/css';
import browserslist from 'browserslist';
import { ESLint } from 'eslint';
import type { CSSResult } from 'lit';

/* Checks demo/docs/browsers.md and the styles. ESLint checks the scripts against the same browser versions. */

const root = new URL('../../', import.meta.url);

const page = await readFile(new URL('demo/docs/browsers.md', root), 'utf8');

const names: Record<string, string> = {
  chrome: 'Chrome',
  edge: 'Edge',
  firefox: 'Firefox',
  safari: 'Safari',
  ios_saf: 'Safari on iOS',
};

/** The oldest supported version of each browser, by `browserslist` in package.json. */
const minVersions = (): string[][] =>
  Object.entries(names).map(([id, name]) => {
    const versions = browserslist(undefined, { path: root.pathname })
      .filter((browser) => browser.startsWith(`${id} `))
      // "17.6-17.7" stands for two versions.
      .map((browser) => parseFloat(browser.slice(id.length + 1)));
    return [name, String(Math.min(...versions))];
  });

/** Newer features that are used. They are either detected before use, or do no harm if they are missing. */
const newerFeatures = ['content-visibility', 'Web Locks', 'ReportingObserver', 'Clipboard'];

const baselineOptions = {
  available: 'widely',
  allowProperties: [
    'content-visibility',
    // The property as a whole is newer, but all supported browsers have the only value that is used.
    'text-wrap',
  ],
  // Chromium needs the -webkit- prefix. The styles have both.
  allowPropertyValues: { 'text-align': ['match-parent'] },
};

const readStyles = async (): Promise<[string, string][]> => {
  const files = readdirSync(new URL('src', root), { recursive: true }) as string[];
  const sheets: [string, string][] = [];
  for (const file of files.filter((name) => name.endsWith('.styles.ts'))) {
    const exported = (await import(new URL(`src/${file}`, root).href)) as Record<
      string,
      string | CSSResult | CSSResult[]
    >;
    for (const sheet of Object.values(exported).flat()) {
      sheets.push([file, typeof sheet === 'string' ? sheet : sheet.cssText]);
    }
  }
  return sheets;
};

describe('the supported browsers', () => {
  it('are documented as package.json defines them', () => {
    const rows = [...page.matchAll(/^\| (\S[^|]*?) +\| ([\d.]+) +\|$/gm)];
    assert.deepEqual(
      rows.map(([, name, version]) => [name, version]),
      minVersions(),
    );
  });

  it('support all features of the styles, except those that the docs name', async () => {
    const eslint = new ESLint({
      overrideConfigFile: true,
      baseConfig: {
        files: ['**/*.css'],
        plugins: { css },
        language: 'css/css',
        rules: { 'css/use-baseline': ['error', baselineOptions] },
      },
    });
    const sheets = await readStyles();
    assert.ok(sheets.length >= 5);
    for (const [file, text] of sheets) {
      const [result] = await eslint.lintText(text, { filePath: 'sheet.css' });
      assert.deepEqual(
        result?.messages.map(({ message }) => message),
        [],
        file,
      );
    }
  });

  it('are documented together with the newer features that are used', () => {
    for (const name of newerFeatures) assert.ok(page.includes(name), name);
  });
});
