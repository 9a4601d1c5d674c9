import type { PicaErrorCode } from './errors.js';

/** The result of one check. */
export interface Finding {
  /**
   * The code of the error that was looked for, whether or not it was found. These are not errors: `secure-context`,
   * `opener-policy` (Cross-Origin-Opener-Policy), `storage` and `check` (the file with the checks is missing).
   */
  code: PicaErrorCode | 'secure-context' | 'opener-policy' | 'storage' | 'check';
  ok: boolean;
  /** What was found, in one line. */
  message: string;
  /** What to change. If all is well, advice or an empty string. */
  hint: string;
}
