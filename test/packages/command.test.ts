import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  startFaultyEndpoints,
  type FaultyEndpoints,
} from '../../demo/app/start/faulty-endpoints.js';
import { InstalledApp } from './installed-app.js';

/** An app whose only dependency is this package. */
const folder = process.env.PACKAGES_SUBJECT ?? 'test/packages/command/npx';

describe('npx pica-connect doctor', () => {
  let installed: InstalledApp;
  let endpoints: FaultyEndpoints;
  before(async () => {
    endpoints = await startFaultyEndpoints();
    installed = await InstalledApp.from(folder);
  });
  after(async () => {
    await endpoints.close();
    await installed.remove();
  });
  const doctor = (...args: string[]) =>
    installed.run('npx', '--no-install', 'pica-connect', 'doctor', ...args);

  it('prints its usage with --help', async () => {
    assert.match(await doctor('--help'), /pica-connect doctor URL/);
  });

  it('succeeds for an endpoint without problems', async () => {
    assert.match(await doctor(`${endpoints.origin}/fine/token`), /No problems found\./);
  });

  it('fails for an endpoint with a problem, and names it', async () => {
    await assert.rejects(doctor(`${endpoints.origin}/in-data/token`), /inside "data"/);
  });
});
