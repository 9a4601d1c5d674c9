import type { Fault } from '../errors.js';

/** One way in which an error comes about. A `{name}` in it is a placeholder. */
export interface Case {
  /** What was found. */
  message: string;
  /** What to change. */
  hint: string;
}

const answerUnchanged =
  'Answer with the object that AuthKitToken#create returned, unchanged, as JSON.';
const answer502 = 'Answer 502 if it has no rows.';

/** The case of `token-headers-invalid` that only `check()` finds. */
export const suspiciousHeader: Case = {
  message: 'The value of {names} is empty or "undefined".',
  hint: 'Look at where the page gets it: it was not set yet, or it is not a string.',
};

/** Everything that the check of the token endpoint can find, by error code. */
export const tokenCases = {
  'token-endpoint-unreachable': {
    silent: {
      message: 'The token endpoint does not answer.',
      hint: 'Check that the server is running, and that host and port in token-url are right. A certificate that is not trusted looks the same, and so does a Cross-Origin-Resource-Policy that excludes other origins.',
    },
    mixed: {
      message:
        "The token endpoint is at http, and AuthKit's page is at https: browsers block that (mixed content).",
      hint: 'Serve the endpoint over https, and start token-url with https://.',
    },
    policy: {
      message:
        "The token endpoint cannot be checked: this page's Content-Security-Policy forbids it (connect-src).",
      hint: 'Add {origin} to connect-src in that policy. The policy does not apply to AuthKit\'s page, so if connecting works, you can set token-check="off" instead.',
    },
    offline: {
      message: 'The token endpoint was not reached: this browser is offline.',
      hint: 'Try again when it is online.',
    },
    slow: {
      message: 'The token endpoint has not answered within {seconds} seconds.',
      hint: 'Find out what the endpoint is waiting for: Pica, a database, or itself.',
    },
  },
  'token-endpoint-cors': {
    none: {
      message: 'The token endpoint answers, but does not let this page read the answer (CORS).',
      hint: 'Answer POST and OPTIONS with Access-Control-Allow-Origin: *, or with AuthKit\'s origin and, for this check, {origin}. Do that for errors too. A redirect looks the same, and so does an error page (404, 405, 500) without CORS headers: "curl -i -X POST" shows which it is. If you allow only AuthKit\'s origin on purpose, set token-check="off".',
    },
    absent: {
      message: 'The token endpoint answers without Access-Control-Allow-Origin.',
      hint: 'Answer POST and OPTIONS with Access-Control-Allow-Origin: {origin}, errors too.',
    },
    page: {
      message:
        "The token endpoint lets AuthKit's page read its answer, but not the page with the element, at {page}. So that page cannot check the endpoint.",
      hint: 'Answer with Access-Control-Allow-Origin: *, or with the Origin of the request if it is one of the two. If you allow only AuthKit\'s origin on purpose, set token-check="off".',
    },
    other: {
      message: "The token endpoint lets {allowed} read its answer, but not AuthKit's page.",
      hint: 'Answer with Access-Control-Allow-Origin: {origin}.',
    },
    credentials: {
      message:
        'The token endpoint answers with Access-Control-Allow-Origin: * and Access-Control-Allow-Credentials: true. Browsers refuse that combination.',
      hint: "Remove Access-Control-Allow-Credentials: AuthKit's page sends no cookies.",
    },
    header: {
      message: 'The token endpoint does not allow the header {names}.',
      hint: 'Answer OPTIONS with Access-Control-Allow-Headers: {all}.',
    },
    redirect: {
      message: "The token endpoint answers with a redirect, which AuthKit's page cannot follow.",
      hint: 'Answer POST at this URL itself. Check http or https, www, a trailing slash, and a login page for requests without a cookie.',
    },
  },
  'token-endpoint-method': {
    post: {
      message: 'The token endpoint answered 405: it does not accept POST.',
      hint: 'Make it answer POST and OPTIONS at exactly this URL. A GET route is not enough.',
    },
    options: {
      message: 'The token endpoint does not answer OPTIONS, which a browser sends before the POST.',
      hint: 'Answer OPTIONS with 204 and the same CORS headers as POST, without asking who the user is.',
    },
  },
  'token-endpoint-status': {
    unknown: {
      message: 'The token endpoint answered 401{excerpt}.',
      hint: "It does not know who the user is. Send that in token-headers: AuthKit's page sends no cookies.",
    },
    forbidden: {
      message: 'The token endpoint answered 403{excerpt}.',
      hint: 'It refuses this user or request. Check what it requires: a CSRF token, a role, or another value in token-headers.',
    },
    missing: {
      message: 'The token endpoint answered 404{excerpt}.',
      hint: 'There is nothing at this URL. Compare token-url with the route on your server.',
    },
    often: {
      message: 'The token endpoint answered 429{excerpt}.',
      hint: 'There were too many requests. Raise the limit: AuthKit makes one for each opening, and this check one every five minutes.',
    },
    failed: {
      message: 'The token endpoint answered {status}{excerpt}.',
      hint: 'The endpoint itself failed. Check its log.',
    },
    other: {
      message: 'The token endpoint answered {status}{excerpt}.',
      hint: 'Answer POST with 200 and what AuthKitToken#create returned.',
    },
  },
  'token-response-invalid': {
    empty: { message: "The token endpoint's answer is empty.", hint: answerUnchanged },
    broken: {
      message: "The token endpoint's answer breaks off.",
      hint: 'The connection was closed in the middle of it, or nothing arrived for 20 seconds. Check the log of the endpoint and of any proxy in front of it.',
    },
    page: {
      message: "The token endpoint's answer is a web page, not JSON.",
      hint: `It is probably a login or error page. ${answerUnchanged}`,
    },
    text: { message: "The token endpoint's answer is not JSON.", hint: answerUnchanged },
    null: {
      message: "The token endpoint's answer is null.",
      hint: "AuthKitToken#create returns nothing if it cannot reach Pica: check your server's network. Answer 502 in that case.",
    },
    shape: { message: "The token endpoint's answer is not an object.", hint: answerUnchanged },
    wrapped: {
      message: 'The token endpoint\'s answer has the token inside "{name}".',
      hint: answerUnchanged,
    },
    key: {
      message: "The token endpoint's answer is an error, passed on with 200: {excerpt}.",
      hint: `The secret key is wrong. On your server, set the key from your Pica dashboard for the same environment (live or test). ${answer502}`,
    },
    error: {
      message: "The token endpoint's answer is an error, passed on with 200: {excerpt}.",
      hint: `This is what Pica told your server. ${answer502}`,
    },
    other: { message: "The token endpoint's answer is no token.", hint: answerUnchanged },
    none: {
      message: "The token endpoint's answer lists no integrations.",
      hint: 'Switch some on in your Pica dashboard, under AuthKit.',
    },
    expired: {
      message: "The token endpoint's answer has expired.",
      hint: "Create a new token for each request instead of storing one, and check your server's clock.",
    },
  },
  'integration-not-found': {
    near: {
      message: 'There is no integration "{name}".',
      hint: 'Did you mean {names}? Set selected-connection to the display name.',
    },
    far: {
      message: 'There is no integration "{name}".',
      hint: 'Set selected-connection to the display name of an integration that is switched on in your Pica dashboard.',
    },
  },
} as const satisfies Partial<Record<Fault['code'], Record<string, Case>>>;

type TokenCases = typeof tokenCases;

/** Creates the fault for a case, with its placeholders filled in. */
export function tokenFault<Code extends keyof TokenCases>(
  code: Code,
  name: keyof TokenCases[Code] & string,
  values: Record<string, string> = {},
): Fault {
  const cases: Record<string, Case> = tokenCases[code];
  const { message, hint } = cases[name] ?? { message: '', hint: '' };
  return { code, message: interpolate(message, values), hint: interpolate(hint, values) };
}

function interpolate(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}
