import type { PicaErrorCode } from '../errors.js';

/** One of the ways in which an error comes about. `{name}` stands for what differs. */
export interface Case {
  /** What was seen. */
  message: string;
  /** What to change. */
  hint: string;
}

export interface Explanation {
  title: string;
  /** What it means for the user and for the page. */
  meaning: string;
  cases: Record<string, Case>;
}

const asItIs = 'Answer with the object that AuthKitToken#create returned, as JSON and as it is.';
/** Of `token-headers-invalid`: the one of its cases that only looking at everything finds. */
export const oddHeader: Case = {
  message: 'The value of {names} is empty or "undefined".',
  hint: 'Look at where the page takes it from: it was not there yet, or is no text.',
};

const refuse = 'Answer 502 when it has no rows.';

/**
 * What the check of the token endpoint can find, and every way in which it comes about.
 */
export const tokenExplanations = {
  'token-endpoint-unreachable': {
    title: 'The token endpoint does not answer',
    meaning: 'AuthKit opens and shows an error of its own: it gets no token.',
    cases: {
      silent: {
        message: 'The token endpoint does not answer.',
        hint: 'Check that the server runs, and that host and port in token-url are right. It looks the same where its certificate is not trusted, or where it forbids other origins altogether (Cross-Origin-Resource-Policy).',
      },
      mixed: {
        message:
          "The token endpoint is at http, and AuthKit's page, at https, may not ask there (mixed content).",
        hint: 'Serve it by https, and write token-url with https://.',
      },
      policy: {
        message:
          "The token endpoint cannot be checked: this page's Content-Security-Policy forbids it (connect-src).",
        hint: 'Add {origin} to connect-src in that policy. AuthKit\'s own page is not bound by it, so if connecting works, token-check="off" is enough.',
      },
      offline: {
        message: 'The token endpoint was not reached: this browser is offline.',
        hint: 'Try again when it is online.',
      },
      slow: {
        message: 'The token endpoint has not answered within {seconds} seconds.',
        hint: 'Look at what the endpoint waits for: Pica, a database, or itself.',
      },
    },
  },
  'token-endpoint-cors': {
    title: 'The token endpoint does not let other origins read its answer',
    meaning:
      "AuthKit's page is on an origin of its own, and the browser keeps the token from it: AuthKit opens and shows an error.",
    cases: {
      none: {
        message: 'The token endpoint answers, but without letting this page read it (CORS).',
        hint: 'Let it answer POST and OPTIONS with Access-Control-Allow-Origin: *, or with AuthKit\'s origin and, for this check, {origin}; errors too. It looks the same where it answers with a redirect, or where only its error page (404, 405, 500) comes without CORS: "curl -i -X POST" shows that. Where only AuthKit\'s origin is let in on purpose, token-check="off" keeps this quiet.',
      },
      absent: {
        message: 'The token endpoint answers without Access-Control-Allow-Origin.',
        hint: 'Answer POST and OPTIONS with Access-Control-Allow-Origin: {origin}, errors too.',
      },
      page: {
        message:
          "The token endpoint lets AuthKit's page read its answer, and not the page with the element, at {page}: what goes wrong cannot be told there.",
        hint: 'Answer with Access-Control-Allow-Origin: *, or with the Origin that asked, where it is one of the two. Where only AuthKit\'s origin is let in on purpose, token-check="off" keeps this quiet.',
      },
      other: {
        message: "The token endpoint lets {allowed} read it, and not AuthKit's page.",
        hint: 'Answer with Access-Control-Allow-Origin: {origin}.',
      },
      credentials: {
        message:
          'The token endpoint answers with Access-Control-Allow-Origin: * and Access-Control-Allow-Credentials: true, which browsers refuse together.',
        hint: "Take Access-Control-Allow-Credentials away: AuthKit's page sends no cookies.",
      },
      header: {
        message: 'The token endpoint does not allow the header {names}.',
        hint: 'Answer OPTIONS with Access-Control-Allow-Headers: {all}.',
      },
      redirect: {
        message:
          "The token endpoint answers with a redirect, which AuthKit's page does not get past.",
        hint: 'Let it answer POST itself. Mind http and https, www, a slash at the end, and a login page for whoever has no cookie.',
      },
    },
  },
  'token-endpoint-method': {
    title: 'The token endpoint does not take POST, or OPTIONS',
    meaning: 'AuthKit opens and shows an error: its request is refused.',
    cases: {
      post: {
        message: 'The token endpoint answered 405: it does not take POST.',
        hint: 'Let it answer POST (and OPTIONS) at exactly this address; a GET route is not enough.',
      },
      options: {
        message:
          'The token endpoint does not answer OPTIONS, by which a browser asks ahead of the POST.',
        hint: 'Let it answer OPTIONS with 204 and the same CORS headers as POST, without asking who the user is.',
      },
    },
  },
  'token-endpoint-status': {
    title: 'The token endpoint answers with an error',
    meaning: 'AuthKit opens and shows an error: it gets no token.',
    cases: {
      unknown: {
        message: 'The token endpoint answered 401{words}.',
        hint: "It does not know who asks. Send what tells it in token-headers: AuthKit's page sends no cookies.",
      },
      forbidden: {
        message: 'The token endpoint answered 403{words}.',
        hint: 'It refuses who asks. Look at what it wants: a CSRF token, a role, another value in token-headers.',
      },
      missing: {
        message: 'The token endpoint answered 404{words}.',
        hint: 'There is nothing at this address. Compare token-url with the route on your server.',
      },
      often: {
        message: 'The token endpoint answered 429{words}.',
        hint: 'It was asked too often. Raise the limit: AuthKit asks it once for each opening, and this check once in five minutes.',
      },
      failed: {
        message: 'The token endpoint answered {status}{words}.',
        hint: 'The endpoint itself failed. Read its log of this minute.',
      },
      other: {
        message: 'The token endpoint answered {status}{words}.',
        hint: 'Let it answer POST with 200 and what AuthKitToken#create returned.',
      },
    },
  },
  'token-response-invalid': {
    title: "The token endpoint's answer is no token",
    meaning: 'AuthKit opens and shows an error, or no integrations.',
    cases: {
      empty: { message: "The token endpoint's answer is empty.", hint: asItIs },
      broken: {
        message: "The token endpoint's answer breaks off.",
        hint: 'The connection was closed, or nothing came for 20 seconds, in the middle of it. Read the log of the endpoint, and of what is in front of it.',
      },
      page: {
        message: "The token endpoint's answer is a web page, not JSON.",
        hint: `As a rule a login or an error page. ${asItIs}`,
      },
      text: { message: "The token endpoint's answer is not JSON.", hint: asItIs },
      null: {
        message: "The token endpoint's answer is null.",
        hint: "AuthKitToken#create returns nothing when it does not reach Pica: look at your server's network. Answer 502 then.",
      },
      shape: { message: "The token endpoint's answer is no object.", hint: asItIs },
      wrapped: {
        message: 'The token endpoint\'s answer has the token inside "{name}".',
        hint: asItIs,
      },
      key: {
        message: "The token endpoint's answer is an error, passed on with 200: {words}.",
        hint: `The secret key is wrong. Set the one of your Pica dashboard on your server, for the same environment (live or test). ${refuse}`,
      },
      error: {
        message: "The token endpoint's answer is an error, passed on with 200: {words}.",
        hint: `That is what Pica told your server. ${refuse}`,
      },
      other: { message: "The token endpoint's answer is no token.", hint: asItIs },
      none: {
        message: "The token endpoint's answer names no integrations.",
        hint: 'Switch some on in your Pica dashboard, under AuthKit.',
      },
      expired: {
        message: "The token endpoint's answer has expired.",
        hint: 'Make a new one for each request, keep none, and check the clock of your server.',
      },
    },
  },
  'integration-not-found': {
    title: 'There is no such integration',
    meaning: 'AuthKit opens and says that it does not have what selected-connection names.',
    cases: {
      near: {
        message: 'There is no integration "{name}".',
        hint: 'Did you mean {names}? selected-connection takes the display name.',
      },
      far: {
        message: 'There is no integration "{name}".',
        hint: 'selected-connection takes the display name of an integration that is switched on in your Pica dashboard.',
      },
    },
  },
} as const satisfies Partial<Record<PicaErrorCode, Explanation>>;

type Explanations = typeof tokenExplanations;

/** What is wrong, in words; the page makes an error of it. */
export interface Problem extends Case {
  code: PicaErrorCode;
}

/** One of the cases, with what differs filled in. */
export function explain<Code extends keyof Explanations>(
  code: Code,
  name: keyof Explanations[Code]['cases'] & string,
  values: Record<string, string> = {},
): Problem {
  const cases: Record<string, Case> = tokenExplanations[code].cases;
  const { message, hint } = cases[name] ?? { message: '', hint: '' };
  return { code, message: fill(message, values), hint: fill(hint, values) };
}

function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
