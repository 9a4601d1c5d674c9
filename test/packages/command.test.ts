import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  startFaultyEndpoints,
  type FaultyEndpoints,
} from '../../demo/app/start/faulty-endpoints.js';
import { Installed } from './installed.js';

/** An app that has this package and nothing else. */
const folder = process.env.PACKAGES_SUBJECT ?? 'test/packages/command/npx';

describe('npx pica-connect doctor', () => {
  let installed: Installed;
  let endpoints: FaultyEndpoints;
  before(async () => {
    endpoints = await startFaultyEndpoints();
    installed = await Installed.from(folder);
  });
  after(async () => {
    await endpoints.close();
    await installed.remove();
  });
  const doctor = (...args: string[]) =>
    installed.run('npx', '--no-install', 'pica-connect', 'doctor', ...args);

  it('says how it is called', async () => {
    assert.match(await doctor('--help'), /pica-connect doctor URL/);
  });

  it('ends well for an endpoint that is as it should be', async () => {
    assert.match(await doctor(`${endpoints.origin}/fine/token`), /No problems found\./);
  });

  it('ends badly for one that is not, and says why', async () => {
    await assert.rejects(doctor(`${endpoints.origin}/in-data/token`), /inside "data"/);
  });
});
