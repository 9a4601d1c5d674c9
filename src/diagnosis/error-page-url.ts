import type { Finding } from '../finding.js';

/** Checks that are not about an error, so they have no page. */
const withoutPage: readonly Finding['code'][] = [
  'secure-context',
  'opener-policy',
  'storage',
  'check',
];

/** Returns the URL of the documentation's page about an error. */
export const errorPageUrl = (code: Finding['code']): string | undefined =>
  withoutPage.includes(code)
    ? undefined
    : `https://cdn.jsdelivr.net/npm/pica-connect/demo/docs/errors/${code}.md`;
