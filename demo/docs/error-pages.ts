import { baseUrlInvalid } from '../../src/authkit/base-url.js';
import { connectionFailed, tooManyReports } from '../../src/authkit/messages.js';
import {
  forbiddenByEmbedderPolicy,
  forbiddenByPolicy,
  headersNotInTime,
  notLoaded,
  notReachable,
  refused,
} from '../../src/authkit/load-failure.js';
import { filesUnavailable } from '../../src/connect/files-unavailable.js';
import type { Connection } from '../../src/connection.js';
import { frameCases } from '../../src/diagnosis/frame-cases.js';
import { suspiciousHeader, tokenCases, type Case } from '../../src/diagnosis/token-cases.js';
import {
  disconnectFailed,
  keyNotInUrl,
  outcomeHints,
  refusedByPage,
  retryHint,
  stillListed,
} from '../../src/endpoints/connections.js';
import {
  headerNotLatin1,
  headersFailed,
  headersInvalid,
  headersTimedOut,
} from '../../src/endpoints/headers.js';
import {
  errorStatus,
  redirected,
  timedOut,
  unreachable,
  webPage,
} from '../../src/endpoints/request-failures.js';
import { notJson, withoutRows } from '../../src/endpoints/rows.js';
import { ownerChanged, pageSaveFailed, saveFailed } from '../../src/endpoints/store.js';
import {
  tokenUrlHasPassword,
  tokenUrlInvalid,
  tokenUrlMissing,
} from '../../src/endpoints/token.js';
import { urlInvalid } from '../../src/endpoints/url.js';
import type { PicaErrorCode } from '../../src/errors.js';
import { connectionInvalid, notAnArray } from '../../src/normalize-connections.js';

/*
 * One entry per error code. The documentation's page for that code is generated from it: npm run build -- errors
 * The messages and hints come from the code that reports them, called with placeholders for the variable parts.
 */

export interface ErrorPage {
  title: string;
  /** What the error means for the user and for the page. */
  meaning: string;
  /** Every way in which the error can happen. `when` limits a hint to some values of a placeholder. */
  cases: Record<string, Case & { when?: string }>;
}

const page = { origin: '{origin}' };
const within = 'within {seconds} seconds';
const attribute = '{attribute}';
const connectionsUrl = 'connections-url';

/** A status for each hint, and what else has that hint. */
const statuses = [
  [401, '401 or 403'],
  [404, '404 or 405'],
  [429, '429'],
  [500, '500 or higher'],
  [400, 'anything else'],
] as const;

type Failure = Parameters<typeof saveFailed>[1];

/** The cases that all requests to the host's endpoints have in common. */
const requestCases = (
  method: string,
  name: string,
  toError: (failure: Failure, hasAnswer: boolean) => Case,
): ErrorPage['cases'] => ({
  ...Object.fromEntries(
    statuses.map(([status, when]) => {
      const { what, hint } = errorStatus(status, method, name);
      const failure = { what: what.replace(String(status), '{status}'), hint };
      return [
        `status ${status}`,
        { ...textsOf(toError(failure, true)), when: `{status} is ${when}` },
      ];
    }),
  ),
  redirect: toError(redirected(method, name), true),
  webPage: toError(webPage(method, name), true),
  slow: toError(timedOut(within, method, name), false),
  silent: toError(unreachable(method, name), false),
});

/** Copies an error's texts, because the `message` of an Error is not enumerable. */
const textsOf = ({ message, hint }: Case): Case => ({ message, hint });

const connection: Connection = {
  key: 'key',
  platform: '{name}',
  environment: 'live',
  state: 'operational',
};

const asLoadFailed = ({ what, hint }: Failure): Case => ({ message: what, hint });

const asSaveFailed = (failure: Failure) => saveFailed(connection, failure);

const asSaveFailedWithRetry = (failure: Failure) =>
  asSaveFailed({ ...failure, hint: `${failure.hint} ${retryHint}` });

const asDisconnectFailed = (failure: Failure) => disconnectFailed(connection, failure);

const asDisconnectFailedWithOutcome = (failure: Failure, hasAnswer: boolean) =>
  asDisconnectFailed({
    ...failure,
    hint: `${failure.hint} ${hasAnswer ? outcomeHints.kept : outcomeHints.unknown}`,
  });

const invalidUrl = urlInvalid(connectionsUrl, '{text}');
const invalidConnectionsUrl = { what: invalidUrl.message, hint: invalidUrl.hint };

/** The page's headers are invalid, or its function failed. Both have the texts of `token-headers-invalid`. */
const invalidHeaders = { what: '{message}', hint: '{hint}' };

export const errorPages: Record<PicaErrorCode, ErrorPage> = {
  'token-url-missing': {
    title: 'There is no token-url',
    meaning: 'AuthKit cannot open, because it does not know where your server creates tokens.',
    cases: { missing: tokenUrlMissing() },
  },
  'token-url-invalid': {
    title: 'token-url is not a URL',
    meaning: 'AuthKit cannot open, because no request can be sent to the token-url.',
    cases: { notUrl: tokenUrlInvalid('{text}'), password: tokenUrlHasPassword() },
  },
  'token-headers-invalid': {
    title: 'Headers cannot be sent',
    meaning:
      'AuthKit does not open, or a list does not load, because the request could not be sent.',
    cases: {
      format: headersInvalid(attribute, '{problem}'),
      suspicious: suspiciousHeader,
      function: headersFailed(attribute),
      slow: headersTimedOut(attribute, within),
      late: headersNotInTime('{seconds}'),
      characters: headerNotLatin1(attribute, '{name}'),
      tokenCharacters: headerNotLatin1('token-headers', '{name}'),
    },
  },
  'token-endpoint-unreachable': {
    title: 'The token endpoint does not answer',
    meaning: 'AuthKit opens and shows an error, because it gets no token.',
    cases: tokenCases['token-endpoint-unreachable'],
  },
  'token-endpoint-cors': {
    title: 'The token endpoint does not let other origins read its answer',
    meaning:
      "AuthKit's page is on another origin, and the browser does not let it read the token. AuthKit opens and shows an error.",
    cases: tokenCases['token-endpoint-cors'],
  },
  'token-endpoint-method': {
    title: 'The token endpoint does not accept POST or OPTIONS',
    meaning: 'AuthKit opens and shows an error, because its request is refused.',
    cases: tokenCases['token-endpoint-method'],
  },
  'token-endpoint-status': {
    title: 'The token endpoint answers with an error',
    meaning: 'AuthKit opens and shows an error, because it gets no token.',
    cases: tokenCases['token-endpoint-status'],
  },
  'token-response-invalid': {
    title: "The token endpoint's answer is not a token",
    meaning: 'AuthKit opens and shows an error or no integrations.',
    cases: tokenCases['token-response-invalid'],
  },
  'integration-not-found': {
    title: 'There is no such integration',
    meaning: 'AuthKit opens and says that it does not have the integration in selected-connection.',
    cases: tokenCases['integration-not-found'],
  },
  'authkit-unreachable': {
    title: "AuthKit's page cannot be shown",
    meaning: 'AuthKit has closed, because its page did not load.',
    cases: {
      silent: notReachable(page),
      slow: notLoaded(page, '{seconds}'),
      refused: refused(page),
      url: baseUrlInvalid('{text}'),
    },
  },
  'authkit-blocked': {
    title: 'This page does not allow AuthKit',
    meaning:
      'AuthKit did not open or has closed, because a rule of this page, or of the page around it, blocks it.',
    cases: {
      policy: forbiddenByPolicy(page),
      embedder: forbiddenByEmbedderPolicy(page),
      ...frameCases,
    },
  },
  'connection-failed': {
    title: 'AuthKit could not connect the account',
    meaning: 'AuthKit is still open, and the user can try again there.',
    cases: {
      reported: connectionFailed('{reason}', false),
      reportedInFrame: connectionFailed('{reason}', true),
    },
  },
  'connection-invalid': {
    title: 'This is not a connection',
    meaning:
      'AuthKit, your endpoint or your page sent a connection that cannot be used. Other connections are not affected.',
    cases: {
      row: connectionInvalid('{problem}', undefined),
      array: notAnArray(undefined),
      tooMany: tooManyReports(),
    },
  },
  'files-unavailable': {
    title: 'A file of pica-connect is missing',
    meaning:
      'The user clicked, but the code that opens AuthKit or disconnects an account could not be loaded. The usual cause is a new version of the site: a page that was open before still asks for the old files. The network may also be down, a service worker may lack a file, or a file may have been copied without those that it loads. The element says so, and the next click sends a new request. If the old files are gone, only a reload helps.',
    cases: {
      notLoaded: filesUnavailable(undefined),
    },
  },
  'save-failed': {
    title: 'A connection is not stored yet',
    meaning:
      'The user has connected an account, but your server has not stored the connection. The element says so and offers Retry. It keeps the connection as long as the page is open. With identity and connections-url, the next page sends it again.',
    cases: {
      ...requestCases('POST', connectionsUrl, asSaveFailedWithRetry),
      ownerChanged: asSaveFailed(ownerChanged()),
      url: asSaveFailed(invalidConnectionsUrl),
      page: asSaveFailed(pageSaveFailed),
      headers: asSaveFailed(invalidHeaders),
    },
  },
  'load-failed': {
    title: 'The list could not be loaded',
    meaning:
      'The list says so and offers Retry. Rows from an earlier load stay, marked as out of date.',
    cases: {
      ...requestCases('GET', attribute, asLoadFailed),
      notJson: notJson(attribute),
      withoutRows: withoutRows(attribute),
      url: urlInvalid(attribute, '{text}'),
    },
  },
  'disconnect-failed': {
    title: 'A connection could not be disconnected',
    meaning: 'The connection stays in the list, which says so. The user can try again.',
    cases: {
      ...requestCases('DELETE', connectionsUrl, asDisconnectFailedWithOutcome),
      key: asDisconnectFailed(keyNotInUrl),
      stillListed: asDisconnectFailed(stillListed),
      page: asDisconnectFailed(refusedByPage),
      headers: asDisconnectFailed(invalidHeaders),
    },
  },
};
