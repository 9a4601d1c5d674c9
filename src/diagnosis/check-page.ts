import { timeoutMs } from '../endpoints/request.js';
import { toUrl } from '../endpoints/url.js';
import type { Finding } from '../finding.js';
import { dictionary } from '../hardening/prototype-pollution.js';
import {
  forbiddenByEmbedderPolicy,
  forbiddenByPolicy,
  notReachable,
} from '../authkit/load-failure.js';
import { failed, passed } from './create-finding.js';
import { safeDocument } from '../hardening/safe-document.js';

export function originOf(address: string): string {
  return toUrl(address)?.origin ?? address;
}

/** Checks whether AuthKit's page answers, and whether this page's policy allows its frame. */
export async function checkAuthKit(address: string): Promise<Finding[]> {
  const origin = originOf(address);
  const isReachable = await fetch(
    address,
    dictionary<RequestInit>({
      mode: 'no-cors',
      method: 'HEAD',
      credentials: 'omit',
      signal: AbortSignal.timeout(timeoutMs),
    }),
  ).then(
    () => true,
    () => false,
  );
  const reach = isReachable
    ? passed('authkit-unreachable', `AuthKit's page at ${origin} answers.`)
    : failed({
        code: 'authkit-unreachable',
        message: `AuthKit's page at ${origin} cannot be reached, or this page's connect-src forbids this check.`,
        hint: notReachable({ origin }).hint,
      });
  const frame = (await isFrameForbidden(origin))
    ? failed(forbiddenByPolicy({ origin }))
    : passed('authkit-blocked', "This page's Content-Security-Policy allows AuthKit's frame.");
  return [reach, frame];
}

/** Browsers report a violation when a frame is added. This frame does not load AuthKit. */
async function isFrameForbidden(origin: string): Promise<boolean> {
  const frame = safeDocument.createElement('iframe');
  frame.hidden = true;
  frame.src = `${origin}/favicon.ico`;
  return new Promise((resolve) => {
    const end = (isForbidden: boolean) => {
      safeDocument.removeEventListener('securitypolicyviolation', onViolation);
      frame.remove();
      resolve(isForbidden);
    };
    const onViolation = ({ effectiveDirective, disposition }: SecurityPolicyViolationEvent) => {
      if (effectiveDirective === 'frame-src' && disposition === 'enforce') end(true);
    };
    safeDocument.addEventListener('securitypolicyviolation', onViolation);
    frame.addEventListener('load', () => {
      // Chromium loads an empty page instead of a forbidden one, and reports the violation after that.
      setTimeout(end, 50, false);
    });
    setTimeout(end, 3000, false);
    safeDocument.body.append(frame);
  });
}

/**
 * Checks what this page's own headers allow.
 * @param authkitUrl the URL of AuthKit's page.
 */
export async function checkPage(authkitUrl: string): Promise<Finding[]> {
  const secure = isSecureContext
    ? passed('secure-context', 'This page is a secure context.')
    : failed({
        code: 'secure-context',
        message:
          'This page is at http. Browsers offer some of what connecting needs only at https.',
        hint: 'Serve it over https.',
      });
  const response = await fetch(
    location.href,
    dictionary<RequestInit>({ method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) }),
  ).catch(() => undefined);
  const policy = response?.headers.get('cross-origin-opener-policy') ?? 'unsafe-none';
  const embedder = response?.headers.get('cross-origin-embedder-policy') ?? 'unsafe-none';
  const opener =
    policy === 'same-origin'
      ? failed({
          code: 'opener-policy',
          message:
            "This page's Cross-Origin-Opener-Policy: same-origin cuts AuthKit off from its popup.",
          hint: 'Send same-origin-allow-popups instead, or open AuthKit from a page without this header.',
        })
      : passed('opener-policy', `This page's Cross-Origin-Opener-Policy is ${policy}.`);
  const findings = [secure, opener];
  if (embedder !== 'unsafe-none') {
    findings.push(failed(forbiddenByEmbedderPolicy({ origin: originOf(authkitUrl) })));
  }
  return findings;
}
