import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';

/** The paths of the files that npm would publish. */
const publishedFiles = (): Set<string> => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(output) as [{ files: { path: string }[] }];
  return new Set(files.map(({ path }) => path));
};

describe('the package', () => {
  // TypeScript allows `import 'pica-connect/dist/finding.js'` where there is a declaration. It must not fail later.
  it('has a module for each declaration', () => {
    const files = publishedFiles();
    const declarations = [...files].filter((path) => path.endsWith('.d.ts'));
    assert.notEqual(declarations.length, 0);
    assert.deepEqual(
      declarations.filter((path) => !files.has(path.replace(/[.]d[.]ts$/, '.js'))),
      [],
      'Add these to typeModules in vite.config.ts.',
    );
  });
});
