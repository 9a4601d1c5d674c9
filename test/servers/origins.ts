import type { Origins } from './protocol.js';

declare global {
  interface Window {
    /** Written into the test page by web-test-runner.config.ts. */
    testOrigins: Origins;
  }
}

export const { engine, isShell, endpoints, authkit, otherOrigin, hangsUp } = window.testOrigins;

/** The host's backend on the page's own origin. */
export const ownEndpoints = '/own';
