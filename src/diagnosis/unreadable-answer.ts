import type { TokenAttempt } from '../endpoints/token.js';
import { redactName } from '../endpoints/headers.js';
import type { Fault } from '../errors.js';
import { dictionary } from '../hardening/prototype-pollution.js';
import { diagnoseStatus } from './token-answer.js';
import { tokenFault } from './token-cases.js';

/** Limits each of the requests here. */
const timeoutMs = 10_000;

/**
 * Finds out why the page got no answer that it may read. Browsers don't say, so this makes simpler and simpler requests:
 * does anything answer there at all, can the page read an answer to a request without a preflight, is a preflight
 * answered, and which header is refused?
 */
export async function diagnoseUnreadable(attempt: TokenAttempt): Promise<Fault> {
  const { url, headers, cause, isForbidden } = attempt;
  const { origin } = new URL(url);
  if (isForbidden) return tokenFault('token-endpoint-unreachable', 'policy', { origin });
  if (!navigator.onLine) return tokenFault('token-endpoint-unreachable', 'offline');
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return tokenFault('token-endpoint-unreachable', 'slow', { seconds: '20' });
  }
  const ping = dictionary<RequestInit>({
    method: 'HEAD',
    mode: 'no-cors',
    redirect: 'follow',
  });
  const isReachable = origin !== window.origin && (await request(url, ping));
  if (!isReachable) return tokenFault('token-endpoint-unreachable', 'silent');
  const plain = await request(url, {});
  if (!plain) return tokenFault('token-endpoint-cors', 'none', { origin: window.origin });
  // These statuses don't depend on the user or the headers.
  if (plain.status === 404 || plain.status === 405 || plain.status >= 500) {
    return diagnoseStatus(plain.status, await plain.text(), headers);
  }
  if (!(await answersPreflight(url))) return tokenFault('token-endpoint-method', 'options');
  return diagnoseHeaders(url, headers);
}

async function diagnoseHeaders(url: string, headers: Record<string, string>): Promise<Fault> {
  const sent = { 'content-type': 'application/json', ...headers };
  const refused = await Promise.all(
    Object.entries(sent).map(async ([name, value]) => {
      const answer = await request(url, { headers: { [name]: value }, body: '{}' });
      return answer ? [] : [redactName(name)];
    }),
  );
  const [names, all] = [refused.flat(), Object.keys(sent).map(redactName)];
  return tokenFault('token-endpoint-cors', 'header', {
    // If each of them is allowed, they are not allowed together.
    names: (names.length > 0 ? names : all).join(', '),
    all: all.join(', '),
  });
}

async function request(url: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(
      url,
      dictionary<RequestInit>({
        method: 'POST',
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        ...init,
      }),
    );
  } catch {
    return undefined;
  }
}

/**
 * Whether the endpoint answers a preflight. A listener for the upload's progress makes the browser send one, without any
 * header to allow. In Chromium 156 it does so only if the request has a body.
 */
function answersPreflight(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.timeout = timeoutMs;
    request.upload.onprogress = () => {};
    request.onloadend = () => {
      resolve(request.status > 0);
    };
    request.send('{}');
  });
}
