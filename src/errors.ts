import type { Connection } from './connection.js';

/** What went wrong. Compare this in code, not the message. demo/docs/error-pages.ts has an entry for each code. */
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
  | 'files-unavailable'
  | 'save-failed'
  | 'load-failed'
  | 'disconnect-failed';

export interface PicaErrorDetails {
  /** What to change to make it work. */
  hint: string;
  /** The error that was caught, or AuthKit's own message. */
  cause?: unknown;
  /** The connection that the error is about, if any. */
  connection?: Connection;
}

/** The contents of a `PicaError`. */
export interface Fault {
  code: PicaErrorCode;
  message: string;
  hint: string;
}

/**
 * The only kind of error that the elements report, always as the `error` of a `pica-error` event. Neither the message
 * nor the hint ever contains the value of a header.
 */
export class PicaError extends Error {
  override readonly name = 'PicaError';
  readonly code: PicaErrorCode;
  /** What to change to make it work, in one sentence. */
  readonly hint: string;
  /** For `save-failed` and `disconnect-failed`: the connection that was not saved or not deleted. */
  readonly connection?: Connection;

  constructor(code: PicaErrorCode, message: string, details: PicaErrorDetails) {
    // Drop inherited properties. dictionary() does this elsewhere, but importing it would add a second file to bundles of
    // this class.
    const given = Object.assign(Object.create(null) as PicaErrorDetails, details);
    const { hint, cause, connection } = given;
    super(message, Object.assign(Object.create(null) as ErrorOptions, { cause }));
    this.code = code;
    this.hint = hint;
    this.connection = connection;
  }
}
