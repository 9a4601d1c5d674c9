import { bad, good } from '../../diagnosis/finding.js';
import { explainBody, explainStatus } from '../../diagnosis/token-answer.js';
import { explain, type Problem } from '../../diagnosis/token-explanations.js';
import { examineHeaders, examineName, goodToken } from '../../diagnosis/token-findings.js';
import { isMixed } from '../../endpoints/mixed-content.js';
import type { TokenRow } from '../../endpoints/token.js';
import type { Finding } from '../../finding.js';
import type { Order } from './arguments.js';
import { namesOf, type Exchange } from './exchange.js';

/** A finding in the elements' own words, and what only this command has seen. */
export interface SeenFinding extends Finding {
  seen: string;
}

/** What was asked for as one origin. */
export interface Pair {
  preflight: Exchange;
  post: Exchange;
}

type Subject = Pick<
  Order,
  'url' | 'headers' | 'authkitOrigin' | 'pageOrigin' | 'selectedConnection' | 'longest'
>;

/** What is wrong with a token endpoint, and what is not. */
export function diagnose(subject: Subject, asAuthKit: Pair, asPage?: Pair): SeenFinding[] {
  const { url, headers, authkitOrigin, longest } = subject;
  const { preflight, post } = asAuthKit;
  const findings: SeenFinding[] = [{ ...examineHeaders(headers), seen: '' }];
  if (isMixed(url.href, authkitOrigin)) {
    findings.push(wrong(explain('token-endpoint-unreachable', 'mixed'), ''));
  }
  if (!post.status && !preflight.status) {
    const problem = post.isSlow
      ? explain('token-endpoint-unreachable', 'slow', { seconds: String(longest / 1000) })
      : explain('token-endpoint-unreachable', 'silent');
    return [...findings, wrong(problem, sentence(post.trouble ?? ''))];
  }
  const cors = [...examinePreflight(subject, preflight), ...examineCors(subject, preflight, post)];
  findings.push(...cors, ...examineAnswer(subject, post));
  if (cors.length === 0 && post.status && !isRedirect(post)) {
    findings.push(
      examinePageOrigin(subject, asPage) ?? {
        ...good('token-endpoint-cors', "The token endpoint lets AuthKit's page read its answer."),
        seen: '',
      },
    );
  }
  return findings;
}

/** The question ahead of the POST: a browser goes on only with an answer of success that names the headers. */
function examinePreflight({ headers }: Subject, preflight: Exchange): SeenFinding[] {
  const seen = seenOf(preflight);
  if (isRedirect(preflight)) return [wrong(explain('token-endpoint-cors', 'redirect'), seen)];
  if (!isGood(preflight)) return [wrong(explain('token-endpoint-method', 'options'), seen)];
  const allowed = preflight.headers['access-control-allow-headers'] ?? '';
  const names = allowed.split(',').map((name) => name.trim().toLowerCase());
  const missing = namesOf(headers).filter(
    (name) =>
      !names.includes(name.toLowerCase()) &&
      // For * alone a browser wants to see it named.
      (!names.includes('*') || name.toLowerCase() === 'authorization'),
  );
  // Without any CORS headers it is about more than these.
  if (missing.length === 0 || !('access-control-allow-origin' in preflight.headers)) return [];
  const problem = explain('token-endpoint-cors', 'header', {
    names: missing.join(', '),
    all: namesOf(headers).join(', '),
  });
  return [
    wrong(problem, `OPTIONS answered Access-Control-Allow-Headers: ${allowed || '(nothing)'}.`),
  ];
}

/** Whether AuthKit's page may read the answers; the same trouble in both is said once. */
function examineCors({ authkitOrigin }: Subject, preflight: Exchange, post: Exchange) {
  const answers = [preflight, post].filter(
    (one) => one.status && !isRedirect(one) && (one === post || isGood(one)),
  );
  const found = new Map<string, { problem: Problem; methods: string[] }>();
  for (const { headers, method } of answers) {
    const problem = corsProblem(headers, authkitOrigin);
    if (!problem) continue;
    const known = found.get(problem.message);
    if (known) known.methods.push(method);
    else found.set(problem.message, { problem, methods: [method] });
  }
  return [...found.values()].map(({ problem, methods }) =>
    wrong(problem, `That is so of ${methods.join(' and ')}.`),
  );
}

function corsProblem(headers: Record<string, string>, origin: string): Problem | undefined {
  const allowed = headers['access-control-allow-origin'];
  if (!allowed) return explain('token-endpoint-cors', 'absent', { origin });
  if (allowed !== '*' && allowed !== origin) {
    return explain('token-endpoint-cors', 'other', { allowed, origin });
  }
  return allowed === '*' && headers['access-control-allow-credentials'] === 'true'
    ? explain('token-endpoint-cors', 'credentials')
    : undefined;
}

function examineAnswer({ headers, selectedConnection }: Subject, post: Exchange): SeenFinding[] {
  const { status = 0, text } = post;
  const seen = seenOf(post);
  if (!status) return [wrong(explain('token-endpoint-unreachable', 'silent'), seen)];
  if (isRedirect(post)) return [wrong(explain('token-endpoint-cors', 'redirect'), seen)];
  if (!isGood(post)) return [wrong(explainStatus(status, text, headers), '')];
  const problem = explainBody(text, headers);
  if (problem) return [wrong(problem, '')];
  const { rows } = JSON.parse(text) as { rows?: TokenRow[] };
  const findings: Finding[] = [goodToken(rows)];
  if (rows && selectedConnection) findings.push(examineName(rows, selectedConnection));
  return findings.map((finding) => ({ ...finding, seen: '' }));
}

/** The elements' own check is made from the page that they are on. */
function examinePageOrigin({ url, pageOrigin }: Subject, asPage?: Pair): SeenFinding | undefined {
  if (!asPage || !pageOrigin || pageOrigin === url.origin) return undefined;
  const isRead = [asPage.preflight, asPage.post].every(
    ({ headers }) => !corsProblem(headers, pageOrigin),
  );
  return isRead
    ? undefined
    : wrong(
        explain('token-endpoint-cors', 'page', { page: pageOrigin }),
        `To ${pageOrigin} it answered Access-Control-Allow-Origin: ${asPage.post.headers['access-control-allow-origin'] ?? '(nothing)'}.`,
      );
}

const isGood = ({ status = 0 }: Exchange): boolean => status >= 200 && status < 300;

// 304 and 300 hold no address to go to.
const isRedirect = ({ status = 0 }: Exchange): boolean =>
  [301, 302, 303, 307, 308].includes(status);

function seenOf({ method, status, headers, trouble }: Exchange): string {
  if (!status) return sentence(`to ${method}, ${trouble ?? ''}`);
  const { location } = headers;
  return `${method} answered ${status}${location ? `, to ${placeOf(location)}` : ''}.`;
}

/** An address without what may be secret in it. */
export function placeOf(address: string): string {
  return address.replace(/[?#].*$/s, '?…').replace(/\/\/[^/@]*@/, '//…@');
}

const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;

const wrong = (problem: Problem, seen: string): SeenFinding => ({ ...bad(problem), seen });
