import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

const kinds = {
  400: ['BadRequest', 2000],
  403: ['Forbidden', 2002],
  404: ['NotFound', 2005],
  405: ['MethodNotAllowed', 2004],
  421: ['MisdirectedRequest', 2021],
  409: ['Conflict', 2001],
  422: ['UnprocessableEntity', 2011],
  429: ['TooManyRequests', 2009],
  401: ['Unauthorized', 2010],
  500: ['InternalServerError', 2003],
  503: ['ServiceUnavailable', 2008],
} as const satisfies Record<number, readonly [type: string, code: number]>;

const isKnown = (status: number): status is keyof typeof kinds => status in kinds;

/** The body of Pica's error responses. `AuthKitToken` returns it as if it were a token. */
export interface PicaError {
  type: string;
  code: number;
  status: number;
  key: string;
  message: string;
  meta: { timestamp: number };
}

export function picaError(status: number, message: string): PicaError {
  const [type, code] = isKnown(status) ? kinds[status] : kinds[status < 500 ? 400 : 500];
  const key = `err::application::${type.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase()}`;
  return { type, code, status, key, message, meta: { timestamp: Date.now() } };
}

export const answerError = (c: Context, status: ContentfulStatusCode, message: string) =>
  c.json(picaError(status, message), status);
