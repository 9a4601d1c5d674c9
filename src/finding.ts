import type { PicaErrorCode } from './errors.js';

/** One thing that was looked at, and what was found. */
export interface Finding {
  /**
   * An error's code, whether or not there is that error; or what has none: `secure-context`,
   * `opener-policy` (Cross-Origin-Opener-Policy), `storage`, `check` (the file that looks is missing).
   */
  code: PicaErrorCode | 'secure-context' | 'opener-policy' | 'storage' | 'check';
  ok: boolean;
  /** What was seen, in one line. */
  message: string;
  /** What to change; for what is good, a word of advice or nothing. */
  hint: string;
}
