import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

const tsx = resolve('node_modules/tsx/dist/cli.mjs');
const script = resolve('.config/release/release.ts');

describe('the release script', () => {
  let folder: string;
  /** The registry's response for any version. */
  let status = 404;
  const requestedPaths: string[] = [];
  const registry = createServer((request, response) => {
    requestedPaths.push(request.url ?? '');
    response.writeHead(status).end('{}');
  });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    mkdirSync(join(folder, '.changeset'));
    writeFileSync(join(folder, '.changeset/README.md'), '# Not a change');
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'pica-connect', version: '1.2.0' }),
    );
    await new Promise<void>((listening) => registry.listen(0, '127.0.0.1', listening));
  });
  after(() => {
    registry.close();
    rmSync(folder, { recursive: true });
  });

  const run = async (command: string): Promise<string> => {
    const { port } = registry.address() as AddressInfo;
    const { stdout } = await promisify(execFile)(process.execPath, [tsx, script, command], {
      cwd: folder,
      env: { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/` },
    });
    return stdout;
  };

  it('publishes a version that the registry does not have', async () => {
    assert.equal(await run('next'), 'next=publish\nversion=1.2.0\n');
    assert.deepEqual(requestedPaths, ['/pica-connect/1.2.0']);
  });

  it('does nothing if the version is published', async () => {
    status = 200;
    assert.equal(await run('next'), 'next=nothing\nversion=1.2.0\n');
  });

  it('fails instead of publishing if the registry returns an error', async () => {
    status = 503;
    await assert.rejects(run('next'), /The registry answered 503/);
  });

  it('prepares a new version if there are changesets', async () => {
    writeFileSync(join(folder, '.changeset/some-change.md'), '');
    assert.match(await run('next'), /^next=version\n/);
  });

  it('prints the notes of its own version only', async () => {
    const changelog = '# pica-connect\n\n## 1.2.0\n\n### Minor\n\n- New\n\n## 1.1.0\n\n- Old\n';
    writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
    assert.equal(await run('notes'), '### Minor\n\n- New\n');
    writeFileSync(join(folder, 'CHANGELOG.md'), '## 1.2.0-beta.1\n\n- Early\n');
    await assert.rejects(run('notes'), /no section for 1\.2\.0/);
  });
});
