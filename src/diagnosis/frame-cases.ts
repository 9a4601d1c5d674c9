import type { Case } from './token-cases.js';

/** The sandbox tokens that AuthKit needs. demo/docs/embedding.md says what for. */
export const sandboxTokens =
  'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox';

const change = `In the page around it, set sandbox="${sandboxTokens}" or remove the attribute`;

/** The cases of `authkit-blocked` for a page that is itself in a frame. */
export const frameCases = {
  popups: {
    message:
      'This page is in a frame whose sandbox lacks allow-popups, so AuthKit cannot open its windows.',
    hint: `${change}.`,
  },
  origin: {
    message:
      'This page is in a frame whose sandbox lacks allow-same-origin, so AuthKit does not work in it.',
    hint: `${change}. If the page is not in a frame, its own Content-Security-Policy contains sandbox.`,
  },
  window: {
    message:
      'This frame is smaller than 360 × 480, and AuthKit could not open in a window of its own.',
    hint: `Usually the frame's sandbox lacks allow-popups. ${change}. Otherwise the browser blocks popups here, AuthKit was opened without a click, or the page around it has Cross-Origin-Opener-Policy: same-origin. A larger frame needs no window.`,
  },
} as const satisfies Record<string, Case>;
