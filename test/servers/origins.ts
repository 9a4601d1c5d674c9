import type { Origins } from './protocol.js';

declare global {
  interface Window {
    /** Written into the test page by web-test-runner.config.ts. */
    testOrigins: Origins;
  }
}

export const { engine, endpoints, authkit, otherOrigin, hangsUp } = window.testOrigins;
