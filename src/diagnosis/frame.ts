import { hasNoOrigin, isTooSmall, lacksToken } from '../authkit/embedding.js';
import type { Fault } from '../errors.js';
import type { Finding } from '../finding.js';
import { failed, passed } from './create-finding.js';
import { frameCases, sandboxTokens } from './frame-cases.js';

const code = 'authkit-blocked';

/** Says why AuthKit cannot open in this frame, or in a window of its own. */
export function diagnoseFrame(): Fault {
  const name = hasNoOrigin() ? 'origin' : lacksToken('allow-popups') ? 'popups' : 'window';
  return { code, ...frameCases[name] };
}

/** Checks the frame that this page is in, if it is in one. */
export function checkFrame(): Finding[] {
  if (hasNoOrigin() || lacksToken('allow-popups')) return [failed(diagnoseFrame())];
  if (window === top) return [];
  const size = isTooSmall()
    ? [passed(code, 'This frame is smaller than 360 × 480: AuthKit opens in a window of its own.')]
    : [];
  const missing = sandboxTokens.split(' ').filter(lacksToken);
  if (missing.length > 0) {
    const hint = 'Add that to the sandbox.';
    return [
      ...size,
      failed({ code, message: `This frame's sandbox lacks ${missing.join(' and ')}.`, hint }),
    ];
  }
  // A page can read the attributes of its own frame only if the page around it has the same origin.
  return frameElement
    ? [...size, passed(code, 'This frame allows everything that AuthKit needs.')]
    : [
        ...size,
        passed(
          code,
          'This page is in a frame of another site, and cannot see what the frame allows.',
          `If the frame has a sandbox, it needs all of: ${sandboxTokens}.`,
        ),
      ];
}
