import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { describe, it } from 'node:test';
import ts from 'typescript';

/** The imports of every source, types included. `import()` is not: it runs later, and only src/lazy.ts has it. */
async function importsBySource(): Promise<Map<string, string[]>> {
  const names = await readdir('src', { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts')).map((name) => join('src', name));
  const importsOf = async (source: string): Promise<string[]> => {
    const text = await readFile(source, 'utf8');
    const { statements } = ts.createSourceFile(source, text, ts.ScriptTarget.Latest);
    return statements
      .filter((one) => ts.isImportDeclaration(one) || ts.isExportDeclaration(one))
      .flatMap(({ moduleSpecifier: from }) => (from && ts.isStringLiteral(from) ? from.text : []))
      .filter((path) => path.startsWith('.'))
      .map((path) => join(source, '..', path.replace(/\.js$/, '.ts')));
  };
  return new Map(
    await Promise.all(sources.map(async (source) => [source, await importsOf(source)] as const)),
  );
}

describe('the sources', () => {
  it('have no circular imports', async () => {
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

  it('import only sources that exist', async () => {
    const imports = await importsBySource();
    const missing = [...imports.values()].flat().filter((imported) => !imports.has(imported));
    assert.deepEqual([...new Set(missing)], []);
  });
});
