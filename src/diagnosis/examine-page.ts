import { timeoutMs } from '../endpoints/request.js';
import { toUrl } from '../endpoints/url.js';
import type { Finding } from '../finding.js';
import { dictionary } from '../hardening/own.js';
import { bad, good } from './finding.js';
import { safeDocument } from '../hardening/safe-document.js';

export function originOf(address: string): string {
  return toUrl(address)?.origin ?? address;
}

/** Whether AuthKit's page answers, and whether this page's policy lets it be shown. */
export async function examineAuthKit(address: string): Promise<Finding[]> {
  const origin = originOf(address);
  const isThere = await fetch(
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
  const reach = isThere
    ? good('authkit-unreachable', `AuthKit's page at ${origin} answers.`)
    : bad({
        code: 'authkit-unreachable',
        message: `AuthKit's page at ${origin} cannot be reached, or this page's connect-src keeps it from looking.`,
        hint: 'Check that the network lets this browser reach that address, and base-url if you set it.',
      });
  const frame = (await isFrameForbidden(origin))
    ? bad({
        code: 'authkit-blocked',
        message: `This page's Content-Security-Policy forbids the frame of AuthKit's page at ${origin}.`,
        hint: `Add ${origin} to frame-src in that policy.`,
      })
    : good('authkit-blocked', "This page's policy lets AuthKit's frame be shown.");
  return [reach, frame];
}

/** A policy tells by an event when a frame is put into the page; this one has nothing of AuthKit in it. */
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
      // Chromium shows an empty page in place of a forbidden one, and tells of the violation after that.
      setTimeout(end, 50, false);
    });
    setTimeout(end, 3000, false);
    safeDocument.body.append(frame);
  });
}

export async function examinePage(): Promise<Finding[]> {
  const secure = isSecureContext
    ? good('secure-context', 'This page is a secure context.')
    : bad({
        code: 'secure-context',
        message: 'This page is at http, where browsers leave out what connecting needs.',
        hint: 'Serve it by https.',
      });
  const response = await fetch(
    location.href,
    dictionary<RequestInit>({ method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) }),
  ).catch(() => undefined);
  const policy = response?.headers.get('cross-origin-opener-policy') ?? 'unsafe-none';
  const embedder = response?.headers.get('cross-origin-embedder-policy') ?? 'unsafe-none';
  const opener =
    policy === 'same-origin'
      ? bad({
          code: 'opener-policy',
          message:
            "This page's Cross-Origin-Opener-Policy: same-origin keeps AuthKit from its popup.",
          hint: 'Answer with same-origin-allow-popups, or open AuthKit from a page without it.',
        })
      : good('opener-policy', `This page's Cross-Origin-Opener-Policy is ${policy}.`);
  const findings = [secure, opener];
  if (embedder !== 'unsafe-none') {
    findings.push(
      bad({
        code: 'authkit-blocked',
        message: "This page's Cross-Origin-Embedder-Policy forbids AuthKit's frame.",
        hint: 'Take Cross-Origin-Embedder-Policy off this page, or open AuthKit from one without it.',
      }),
    );
  }
  return findings;
}
