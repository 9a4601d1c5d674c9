import { describe } from 'node:test';
import { testFloods, testOwnership } from './backend-ownership.js';
import type { BackendUnderTest } from './backend-under-test.js';
import { testPicaFaults } from './pica-faults.js';
import { testStoreFaults } from './store-faults.js';

/** Adds the tests of a backend whose store, users or Pica do what they should not. */
export function testFaults(getBackend: () => BackendUnderTest): void {
  describe('with a store that fails', () => {
    testStoreFaults(getBackend);
  });

  describe('under floods of requests', { concurrency: true }, () => {
    testFloods(getBackend);
  });

  // Most of these tests take ten seconds, because backends look a new connection up for that long. They run in parallel.
  describe('with false claims, or a Pica that fails,', { concurrency: true }, () => {
    testOwnership(getBackend);
    testPicaFaults(getBackend);
  });
}
