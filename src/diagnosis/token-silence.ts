import type { TokenAttempt } from '../endpoints/token.js';
import { shownName } from '../endpoints/headers.js';
import { dictionary } from '../hardening/own.js';
import { explain, type Problem } from './token-explanations.js';
import { explainStatus } from './token-answer.js';

/** Milliseconds that one request may take. */
const longestRequest = 10_000;

/**
 * Why nothing came back that the page may read. A browser does not say; further requests, each with a little
 * less, do: whether anything answers there at all, whether the page may read what is answered without a
 * question ahead (OPTIONS), whether that is answered, and which header is refused.
 */
export async function explainSilence(attempt: TokenAttempt): Promise<Problem> {
  const { url, headers, cause, isForbidden } = attempt;
  const { origin } = new URL(url);
  if (isForbidden) return explain('token-endpoint-unreachable', 'policy', { origin });
  if (!navigator.onLine) return explain('token-endpoint-unreachable', 'offline');
  if (cause instanceof DOMException && cause.name === 'TimeoutError') {
    return explain('token-endpoint-unreachable', 'slow', { seconds: '20' });
  }
  const question = dictionary<RequestInit>({
    method: 'HEAD',
    mode: 'no-cors',
    redirect: 'follow',
  });
  const isThere = origin !== window.origin && (await request(url, question));
  if (!isThere) return explain('token-endpoint-unreachable', 'silent');
  const plain = await request(url, {});
  if (!plain) return explain('token-endpoint-cors', 'none', { origin: window.origin });
  // A status that has nothing to do with who asks, or how.
  if (plain.status === 404 || plain.status === 405 || plain.status >= 500) {
    return explainStatus(plain.status, await plain.text(), headers);
  }
  if (!(await answersQuestionAhead(url))) return explain('token-endpoint-method', 'options');
  return explainHeaders(url, headers);
}

async function explainHeaders(url: string, headers: Record<string, string>): Promise<Problem> {
  const sent = { 'content-type': 'application/json', ...headers };
  const answers = await Promise.all(
    Object.entries(sent).map(async ([name, value]) => {
      const answer = await request(url, { headers: { [name]: value }, body: '{}' });
      return answer ? [] : [shownName(name)];
    }),
  );
  const [names, all] = [answers.flat(), Object.keys(sent).map(shownName)];
  return explain('token-endpoint-cors', 'header', {
    // Each may be allowed and not all of them together.
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
        signal: AbortSignal.timeout(longestRequest),
        ...init,
      }),
    );
  } catch {
    return undefined;
  }
}

/**
 * A request whose sending somebody listens to is asked for ahead, with no header to be allowed; in Chromium 156
 * only if it has a body.
 */
function answersQuestionAhead(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.timeout = longestRequest;
    request.upload.onprogress = () => {};
    request.onloadend = () => {
      resolve(request.status > 0);
    };
    request.send('{}');
  });
}
