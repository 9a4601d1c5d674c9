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

describe('what a release asks for', () => {
  let folder: string;
  /** What the registry answers for any version. */
  let status = 404;
  const asked: string[] = [];
  const registry = createServer((request, response) => {
    asked.push(request.url ?? '');
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

  it('is to publish a version that the registry does not have', async () => {
    assert.equal(await run('next'), 'next=publish\nversion=1.2.0\n');
    assert.deepEqual(asked, ['/pica-connect/1.2.0']);
  });

  it('is nothing for a version that is published', async () => {
    status = 200;
    assert.equal(await run('next'), 'next=nothing\nversion=1.2.0\n');
  });

  it('fails while the registry is in trouble, and publishes nothing by mistake', async () => {
    status = 503;
    await assert.rejects(run('next'), /The registry answered 503/);
  });

  it('is to gather changes while some are waiting', async () => {
    writeFileSync(join(folder, '.changeset/some-change.md'), '');
    assert.match(await run('next'), /^next=version\n/);
  });

  it('has the notes of its version, and of no other', async () => {
    const changelog = '# pica-connect\n\n## 1.2.0\n\n### Minor\n\n- New\n\n## 1.1.0\n\n- Old\n';
    writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
    assert.equal(await run('notes'), '### Minor\n\n- New\n');
    writeFileSync(join(folder, 'CHANGELOG.md'), '## 1.2.0-beta.1\n\n- Early\n');
    await assert.rejects(run('notes'), /no section for 1\.2\.0/);
  });
});
