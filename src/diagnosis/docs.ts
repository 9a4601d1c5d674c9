import type { Finding } from '../finding.js';

/** What `check()` looks at that is no error, and has no page. */
const withoutPage: readonly Finding['code'][] = [
  'secure-context',
  'opener-policy',
  'storage',
  'check',
];

/** Where the documentation's page for an error is. */
export const docsOf = (code: Finding['code']): string | undefined =>
  withoutPage.includes(code)
    ? undefined
    : `https://cdn.jsdelivr.net/npm/pica-connect/demo/docs/errors/${code}.md`;
