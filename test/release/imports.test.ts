import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { build } from 'esbuild';

/** What runs in a page. `import type` doesn't count: the compiler removes it. */
async function importsBySource(): Promise<Map<string, string[]>> {
  const names = await readdir('src', { recursive: true });
  const { metafile } = await build({
    entryPoints: names.filter((name) => name.endsWith('.ts')).map((name) => `src/${name}`),
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'silent',
  });
  return new Map(
    Object.entries(metafile.inputs).map(([source, { imports }]) => [
      source,
      imports.filter(({ external }) => !external).map(({ path }) => path),
    ]),
  );
}

describe('the sources', () => {
  it('import one another in no circle', async () => {
    const imports = await importsBySource();
    assert.ok(imports.size > 50);
    const finished = new Set<string>();
    const circles: string[] = [];
    const visit = (source: string, path: readonly string[]): void => {
      if (path.includes(source)) {
        circles.push([...path.slice(path.indexOf(source)), source].join(' → '));
        return;
      }
      if (finished.has(source)) return;
      for (const imported of imports.get(source) ?? []) visit(imported, [...path, source]);
      finished.add(source);
    };
    for (const source of imports.keys()) visit(source, []);
    assert.deepEqual(circles, []);
  });
});
