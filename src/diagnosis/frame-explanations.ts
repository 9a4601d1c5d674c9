import type { Case } from './token-explanations.js';

/** What AuthKit needs of an embed; demo/docs/embedding.md says for what. */
export const sandboxTokens =
  'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox';

const change = `Let the page around it say sandbox="${sandboxTokens}"`;

/** What `authkit-blocked` says of a page that is a frame itself. */
export const frameCases = {
  popups: {
    message:
      'This page is in a frame whose sandbox lacks allow-popups, so AuthKit cannot open its windows.',
    hint: `${change}, or no sandbox.`,
  },
  origin: {
    message:
      'This page is in a frame whose sandbox lacks allow-same-origin, so AuthKit cannot work in it.',
    hint: `${change}, or no sandbox. If it is no frame: its own Content-Security-Policy has sandbox.`,
  },
  window: {
    message:
      'This frame is smaller than 360 × 480, and the window for AuthKit that it needs was not opened.',
    hint: `As a rule it has a sandbox without allow-popups. ${change}, or no sandbox. Otherwise the browser blocks popups here, AuthKit was opened without a click, or the page around it has Cross-Origin-Opener-Policy: same-origin. A larger frame needs no window.`,
  },
} as const satisfies Record<string, Case>;
