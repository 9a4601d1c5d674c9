import type { PicaErrorCode } from '../../../src/errors.js';

/** How an answer differs from a correct one. */
export interface Answer {
  status?: number;
  /** Strings are sent as they are, anything else as JSON. */
  body?: unknown;
  /** Added to the CORS headers. `null` removes a header. */
  headers?: Record<string, string | null>;
  /** Whether to cut the connection instead of answering. */
  isCut?: boolean;
}

/** One fault that a token endpoint can have. */
export interface Fault {
  title: string;
  /** The error that the elements report; undefined if they accept the answer. */
  code?: PicaErrorCode;
  post?: Answer;
  options?: Answer;
  /** Applies to every method. */
  always?: Answer;
}

export const token = {
  rows: ['Gmail', 'Google Calendar', 'Slack'].map((title, index) => ({
    id: index + 1,
    connectionDefId: `conn_def::${title.toLowerCase().replace(' ', '-')}`,
    type: title.toLowerCase().replace(' ', '-'),
    title,
    image: '',
    active: true,
    environment: 'test',
    tags: [],
  })),
  page: 1,
  pages: 1,
  total: 3,
  requestId: 1,
};

const noCors = {
  'access-control-allow-origin': null,
  'access-control-allow-headers': null,
};

const loginPage = '<!doctype html><title>Sign in</title><h1>Sign in</h1>';

/** The faults that people have reported in issue trackers. Each key is part of the endpoint's URL. */
export const faults = {
  fine: { title: 'No fault' },
  older: {
    title: 'No fault: an older kind of token',
    post: { body: { token: 'older-token', expiresAt: 4_102_444_800 } },
  },
  'no-post': {
    title: 'POST is not accepted (405)',
    code: 'token-endpoint-method',
    post: { status: 405, headers: { allow: 'GET' } },
  },
  'no-options': {
    title: 'OPTIONS is not accepted (405)',
    code: 'token-endpoint-method',
    options: { status: 405, headers: { allow: 'POST' } },
  },
  'options-asks-who': {
    title: 'OPTIONS requires a signed-in user (401)',
    code: 'token-endpoint-method',
    options: { status: 401 },
  },
  'no-cors': {
    title: 'No CORS headers',
    code: 'token-endpoint-cors',
    always: { headers: noCors },
  },
  'other-origin': {
    title: 'CORS for another origin',
    code: 'token-endpoint-cors',
    always: { headers: { 'access-control-allow-origin': 'https://other.example' } },
  },
  'header-not-allowed': {
    title: 'The header x-user-id is not allowed',
    code: 'token-endpoint-cors',
    options: { headers: { 'access-control-allow-headers': 'content-type' } },
  },
  credentials: {
    title: 'Credentials with *',
    code: 'token-endpoint-cors',
    always: {
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers':
          'access-control-allow-origin, access-control-allow-credentials',
      },
    },
  },
  redirect: {
    title: 'A redirect to a login page',
    code: 'token-endpoint-cors',
    post: { status: 302, headers: { location: '/login?next=token' } },
  },
  'hangs-up': {
    title: 'It closes the connection',
    code: 'token-endpoint-unreachable',
    always: { isCut: true },
  },
  unauthorized: {
    title: '401',
    code: 'token-endpoint-status',
    post: { status: 401, body: { error: 'Nobody is signed in.' } },
  },
  forbidden: {
    title: '403',
    code: 'token-endpoint-status',
    post: { status: 403, body: { message: 'CSRF token mismatch.' } },
  },
  'not-found': {
    title: '404',
    code: 'token-endpoint-status',
    post: { status: 404, body: '<h1>Not Found</h1>' },
  },
  'too-often': {
    title: '429',
    code: 'token-endpoint-status',
    post: { status: 429, body: 'Too many requests', headers: { 'retry-after': '30' } },
  },
  failed: {
    title: '500',
    code: 'token-endpoint-status',
    post: { status: 500, body: { message: 'Internal Server Error' } },
  },
  unavailable: {
    title: '503',
    code: 'token-endpoint-status',
    post: { status: 503, body: 'Service Unavailable' },
  },
  text: { title: 'Not JSON', code: 'token-response-invalid', post: { body: 'OK' } },
  'login-page': {
    title: 'A login page with 200',
    code: 'token-response-invalid',
    post: { body: loginPage, headers: { 'content-type': 'text/html' } },
  },
  empty: { title: 'An empty answer', code: 'token-response-invalid', post: { body: '' } },
  null: { title: 'null', code: 'token-response-invalid', post: { body: null } },
  'in-token': {
    title: 'Wrapped: {token: …}',
    code: 'token-response-invalid',
    post: { body: { token } },
  },
  'in-data': {
    title: 'Wrapped: {data: …}',
    code: 'token-response-invalid',
    post: { body: { data: token } },
  },
  'in-body': {
    title: 'Wrapped: {body: "…"}',
    code: 'token-response-invalid',
    post: { body: { statusCode: 200, body: JSON.stringify(token) } },
  },
  'wrong-key': {
    title: "Pica's error with 200: the secret key",
    code: 'token-response-invalid',
    post: { body: { type: 'Unauthorized', code: 2000, message: 'You are not authorized' } },
  },
  'pica-error': {
    title: "Pica's error with 200: another error",
    code: 'token-response-invalid',
    post: { body: { type: 'InternalError', message: 'Please try later' } },
  },
  expired: {
    title: 'An expired token',
    code: 'token-response-invalid',
    post: { body: { token: 'older-token', expiresAt: '2020-01-01T00:00:00Z' } },
  },
  'no-integrations': {
    title: 'No integrations switched on',
    code: 'token-response-invalid',
    post: { body: { ...token, rows: [] } },
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
