import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { BillOfMaterials } from '../../.config/release/sbom.js';

describe('the bill of materials', () => {
  const { stdout, stderr } = spawnSync('npm', ['run', '--silent', 'release', '--', 'sbom'], {
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  const { bomFormat, metadata, components } = JSON.parse(stdout) as BillOfMaterials;
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  /** The built files that contain a package. */
  const filesWith = (name: string): string[] | undefined =>
    components.find((component) => component.name === name)?.properties.map(({ value }) => value);

  it('describes this version of the package', () => {
    assert.equal(bomFormat, 'CycloneDX');
    assert.equal(metadata.component.purl, `pkg:npm/pica-connect@${manifest.version}`);
  });

  const oneFileBuilds = ['dist/pica-connect.all.min.js', 'dist/pica-connect.min.js'];

  it('lists AuthKit as part of the one-file builds and of the chunk that opens it', () => {
    const [opener = ''] = readdirSync('dist/chunks').filter((name) => /^opener-.*\.js$/.test(name));
    assert.deepEqual(filesWith('@picahq/authkit'), [`dist/chunks/${opener}`, ...oneFileBuilds]);
  });

  it('lists Lit as part of the one-file builds and of the ES module for script tags', () => {
    for (const name of ['lit-html', 'lit-element', '@lit/reactive-element']) {
      assert.deepEqual(
        filesWith(name),
        ['dist/pica-connect.all.min.js', 'dist/pica-connect.js', 'dist/pica-connect.min.js'],
        name,
      );
    }
  });

  it('lists a development dependency that is built into a module', () => {
    assert.deepEqual(filesWith('@lit/react'), ['dist/built-in/@lit/react/create-component.js']);
  });

  it('lists all dependencies, in the versions of the lock file', () => {
    for (const name of Object.keys(manifest.dependencies)) assert.ok(filesWith(name), name);
    for (const { name, version } of components) {
      assert.equal(version, lock.packages[`node_modules/${name}`]?.version, name);
    }
  });

  it('lists no development dependency that is not in the package', () => {
    const unused = components.filter(
      ({ name, properties }) =>
        lock.packages[`node_modules/${name}`]?.dev === true && properties.length === 0,
    );
    assert.deepEqual(
      unused.map(({ name }) => name),
      [],
    );
  });

  it('is complete because every file that contains code has a source map', () => {
    const withoutMap = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.js') && !existsSync(`dist/${path}.map`),
    );
    // Vite writes no map for a file that only re-exports others.
    const reExports = /^(?:\s|\/\/.*|(?:import|export)\b[^;()]*;)*$/;
    assert.deepEqual(
      withoutMap.filter((path) => !reExports.test(readFileSync(`dist/${path}`, 'utf8'))),
      [],
    );
  });
});
