import { hasNoOrigin, isTooSmall, lacksToken } from '../authkit/embedding.js';
import type { Finding } from '../finding.js';
import { bad, good } from './finding.js';
import { frameCases, sandboxTokens } from './frame-explanations.js';
import type { Problem } from './token-explanations.js';

const code = 'authkit-blocked';

/** Why AuthKit cannot be opened in this frame, or in a window of its own. */
export function explainFrame(): Problem {
  const name = hasNoOrigin() ? 'origin' : lacksToken('allow-popups') ? 'popups' : 'window';
  return { code, ...frameCases[name] };
}

/** What can be told of a page that is a frame itself. */
export function examineFrame(): Finding[] {
  if (hasNoOrigin() || lacksToken('allow-popups')) return [bad(explainFrame())];
  if (window === top) return [];
  const size = isTooSmall()
    ? [good(code, 'This frame is smaller than 360 × 480: AuthKit opens in a window of its own.')]
    : [];
  const missing = sandboxTokens.split(' ').filter(lacksToken);
  if (missing.length > 0) {
    const hint = 'Add that to it.';
    return [
      ...size,
      bad({ code, message: `This frame's sandbox lacks ${missing.join(' and ')}.`, hint }),
    ];
  }
  // A page can read the attribute of its own frame, where that is of its own origin.
  return frameElement
    ? [...size, good(code, 'This frame may do what AuthKit needs.')]
    : [
        ...size,
        good(
          code,
          'This page is a frame of another site, and cannot see what that lets it do.',
          `If its sandbox is set, it needs all of: ${sandboxTokens}.`,
        ),
      ];
}
