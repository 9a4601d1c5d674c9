import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import css from '@eslint/css';
import browserslist from 'browserslist';
import { ESLint } from 'eslint';
import type { CSSResult } from 'lit';

/** What demo/docs/browsers.md says. Scripts are checked against the same floor by ESLint. */

const root = new URL('../../', import.meta.url);

const page = await readFile(new URL('demo/docs/browsers.md', root), 'utf8');

const names: Record<string, string> = {
  chrome: 'Chrome',
  edge: 'Edge',
  firefox: 'Firefox',
  safari: 'Safari',
  ios_saf: 'Safari on iOS',
};

/** The oldest version of each browser that package.json's `browserslist` names. */
const floor = (): string[][] =>
  Object.entries(names).map(([id, name]) => {
    const versions = browserslist(undefined, { path: root.pathname })
      .filter((browser) => browser.startsWith(`${id} `))
      // "17.6-17.7" is two of them.
      .map((browser) => parseFloat(browser.slice(id.length + 1)));
    return [name, String(Math.min(...versions))];
  });

/** What is used above the floor, and looked at before it is used or left out without harm. */
const aboveTheFloor = ['content-visibility', 'Web Locks', 'ReportingObserver', 'Clipboard'];

const known = {
  available: 'widely',
  allowProperties: [
    'content-visibility',
    // As a whole it is newer than the one value that is used, which all browsers of the floor have.
    'text-wrap',
  ],
  // Chromium has it under the name with -webkit-, which is given beside it.
  allowPropertyValues: { 'text-align': ['match-parent'] },
};

const styles = async (): Promise<[string, string][]> => {
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
  it('are those of the day that package.json names', () => {
    const rows = [...page.matchAll(/^\| (\S[^|]*?) +\| ([\d.]+) +\|$/gm)];
    assert.deepEqual(
      rows.map(([, name, version]) => [name, version]),
      floor(),
    );
  });

  it('have all that the styles use, but for what the page names', async () => {
    const eslint = new ESLint({
      overrideConfigFile: true,
      baseConfig: {
        files: ['**/*.css'],
        plugins: { css },
        language: 'css/css',
        rules: { 'css/use-baseline': ['error', known] },
      },
    });
    const sheets = await styles();
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

  it('are told what is used above them', () => {
    for (const name of aboveTheFloor) assert.ok(page.includes(name), name);
  });
});
