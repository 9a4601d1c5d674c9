import type { Connection } from './connection.js';

/** What went wrong, as a word that code can compare. */
export type PicaErrorCode =
  | 'token-url-missing'
  | 'token-url-invalid'
  | 'token-headers-invalid'
  | 'token-endpoint-unreachable'
  | 'token-endpoint-cors'
  | 'token-endpoint-method'
  | 'token-endpoint-status'
  | 'token-response-invalid'
  | 'integration-not-found'
  | 'authkit-unreachable'
  | 'authkit-blocked'
  | 'connection-failed'
  | 'connection-invalid'
  | 'save-failed'
  | 'load-failed'
  | 'disconnect-failed';

export interface PicaErrorDetails {
  /** What to change so that it works. */
  hint: string;
  /** What caused it: the error that was caught, or AuthKit's own words. */
  cause?: unknown;
  /** The connection it is about, where there is one. */
  connection?: Connection;
}

/**
 * The one kind of error that the elements report, always as the `error` of a `pica-error` event.
 * Neither its message nor its hint ever holds the value of a header.
 */
export class PicaError extends Error {
  override readonly name = 'PicaError';
  readonly code: PicaErrorCode;
  /** What to change so that it works, in one sentence. */
  readonly hint: string;
  /** For `save-failed` and `disconnect-failed`: the connection that is not saved, or still there. */
  readonly connection?: Connection;

  constructor(code: PicaErrorCode, message: string, details: PicaErrorDetails) {
    // Nothing inherited, as by dictionary() of own.ts. Not imported, so that a bundle with this class has this file only.
    const given = Object.assign(Object.create(null) as PicaErrorDetails, details);
    const { hint, cause, connection } = given;
    super(message, Object.assign(Object.create(null) as ErrorOptions, { cause }));
    this.code = code;
    this.hint = hint;
    this.connection = connection;
  }
}
