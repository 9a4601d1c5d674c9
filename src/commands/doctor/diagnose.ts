import { checkHeaders, checkName, tokenReceived } from '../../diagnosis/check-token.js';
import { failed, passed } from '../../diagnosis/create-finding.js';
import { diagnoseBody, diagnoseStatus } from '../../diagnosis/token-answer.js';
import { tokenFault } from '../../diagnosis/token-cases.js';
import { isMixed } from '../../endpoints/mixed-content.js';
import type { TokenRow } from '../../endpoints/token.js';
import type { Fault } from '../../errors.js';
import type { Finding } from '../../finding.js';
import type { DoctorOptions } from './arguments.js';
import { headerNames, type Exchange } from './requests.js';

/** A finding as the elements report it, with what only this command can see. */
export interface SeenFinding extends Finding {
  seen: string;
}

/** The two requests of one origin. */
export interface Pair {
  preflight: Exchange;
  post: Exchange;
}

type EndpointOptions = Pick<
  DoctorOptions,
  'url' | 'headers' | 'authkitOrigin' | 'pageOrigin' | 'selectedConnection' | 'timeoutMs'
>;

/** Checks a token endpoint by its answers. */
export function diagnose(options: EndpointOptions, asAuthKit: Pair, asPage?: Pair): SeenFinding[] {
  const { url, headers, authkitOrigin, timeoutMs } = options;
  const { preflight, post } = asAuthKit;
  const findings: SeenFinding[] = [{ ...checkHeaders(headers), seen: '' }];
  if (isMixed(url.href, authkitOrigin)) {
    findings.push(withSeen(tokenFault('token-endpoint-unreachable', 'mixed'), ''));
  }
  if (!post.status && !preflight.status) {
    const fault = post.isSlow
      ? tokenFault('token-endpoint-unreachable', 'slow', { seconds: String(timeoutMs / 1000) })
      : tokenFault('token-endpoint-unreachable', 'silent');
    return [...findings, withSeen(fault, sentence(post.trouble ?? ''))];
  }
  const cors = [...checkPreflight(options, preflight), ...checkCors(options, preflight, post)];
  findings.push(...cors, ...checkAnswer(options, post));
  if (cors.length === 0 && post.status && !isRedirect(post)) {
    findings.push(
      checkPageOrigin(options, asPage) ?? {
        ...passed('token-endpoint-cors', "The token endpoint lets AuthKit's page read its answer."),
        seen: '',
      },
    );
  }
  return findings;
}

/** Checks the preflight. A browser sends the POST only if the preflight succeeds and allows its headers. */
function checkPreflight({ headers }: EndpointOptions, preflight: Exchange): SeenFinding[] {
  const seen = seenOf(preflight);
  if (isRedirect(preflight)) return [withSeen(tokenFault('token-endpoint-cors', 'redirect'), seen)];
  if (!isSuccess(preflight))
    return [withSeen(tokenFault('token-endpoint-method', 'options'), seen)];
  const allowed = preflight.headers['access-control-allow-headers'] ?? '';
  const names = allowed.split(',').map((name) => name.trim().toLowerCase());
  const missing = headerNames(headers).filter(
    (name) =>
      !names.includes(name.toLowerCase()) &&
      // Browsers don't accept * for this header.
      (!names.includes('*') || name.toLowerCase() === 'authorization'),
  );
  // Without any CORS headers, the headers of the request are not the only problem.
  if (missing.length === 0 || !('access-control-allow-origin' in preflight.headers)) return [];
  const fault = tokenFault('token-endpoint-cors', 'header', {
    names: missing.join(', '),
    all: headerNames(headers).join(', '),
  });
  return [
    withSeen(fault, `OPTIONS answered Access-Control-Allow-Headers: ${allowed || '(nothing)'}.`),
  ];
}

/** Checks whether AuthKit's page may read the answers. Reports a fault of both once. */
function checkCors({ authkitOrigin }: EndpointOptions, preflight: Exchange, post: Exchange) {
  const answers = [preflight, post].filter(
    (one) => one.status && !isRedirect(one) && (one === post || isSuccess(one)),
  );
  const found = new Map<string, { fault: Fault; methods: string[] }>();
  for (const { headers, method } of answers) {
    const fault = corsFault(headers, authkitOrigin);
    if (!fault) continue;
    const known = found.get(fault.message);
    if (known) known.methods.push(method);
    else found.set(fault.message, { fault, methods: [method] });
  }
  return [...found.values()].map(({ fault, methods }) =>
    withSeen(fault, `That goes for ${methods.join(' and ')}.`),
  );
}

function corsFault(headers: Record<string, string>, origin: string): Fault | undefined {
  const allowed = headers['access-control-allow-origin'];
  if (!allowed) return tokenFault('token-endpoint-cors', 'absent', { origin });
  if (allowed !== '*' && allowed !== origin) {
    return tokenFault('token-endpoint-cors', 'other', { allowed, origin });
  }
  return allowed === '*' && headers['access-control-allow-credentials'] === 'true'
    ? tokenFault('token-endpoint-cors', 'credentials')
    : undefined;
}

function checkAnswer(
  { headers, selectedConnection }: EndpointOptions,
  post: Exchange,
): SeenFinding[] {
  const { status = 0, text } = post;
  const seen = seenOf(post);
  if (!status) return [withSeen(tokenFault('token-endpoint-unreachable', 'silent'), seen)];
  if (isRedirect(post)) return [withSeen(tokenFault('token-endpoint-cors', 'redirect'), seen)];
  if (!isSuccess(post)) return [withSeen(diagnoseStatus(status, text, headers), '')];
  const fault = diagnoseBody(text, headers);
  if (fault) return [withSeen(fault, '')];
  const { rows } = JSON.parse(text) as { rows?: TokenRow[] };
  const findings: Finding[] = [tokenReceived(rows)];
  if (rows && selectedConnection) findings.push(checkName(rows, selectedConnection));
  return findings.map((finding) => ({ ...finding, seen: '' }));
}

/** Checks whether the page with the element may read the answers, as the element's own check needs. */
function checkPageOrigin(
  { url, pageOrigin }: EndpointOptions,
  asPage?: Pair,
): SeenFinding | undefined {
  if (!asPage || !pageOrigin || pageOrigin === url.origin) return undefined;
  const mayRead = [asPage.preflight, asPage.post].every(
    ({ headers }) => !corsFault(headers, pageOrigin),
  );
  return mayRead
    ? undefined
    : withSeen(
        tokenFault('token-endpoint-cors', 'page', { page: pageOrigin }),
        `To ${pageOrigin} it answered Access-Control-Allow-Origin: ${asPage.post.headers['access-control-allow-origin'] ?? '(nothing)'}.`,
      );
}

const isSuccess = ({ status = 0 }: Exchange): boolean => status >= 200 && status < 300;

// Browsers don't follow 300 and 304.
const isRedirect = ({ status = 0 }: Exchange): boolean =>
  [301, 302, 303, 307, 308].includes(status);

function seenOf({ method, status, headers, trouble }: Exchange): string {
  if (!status) return sentence(`${method} failed: ${trouble ?? ''}`);
  const { location } = headers;
  return `${method} answered ${status}${location ? `, to ${withoutSecrets(location)}` : ''}.`;
}

/** Removes the parts of a URL that may be secret. */
export function withoutSecrets(address: string): string {
  return address.replace(/[?#].*$/s, '?…').replace(/\/\/[^/@]*@/, '//…@');
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;

const withSeen = (fault: Fault, seen: string): SeenFinding => ({ ...failed(fault), seen });
