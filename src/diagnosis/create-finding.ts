import type { Finding } from '../finding.js';

/** A finding of a check that passed. */
export const passed = (code: Finding['code'], message: string, hint = ''): Finding => ({
  code,
  ok: true,
  message,
  hint,
});

/** A finding of a check that failed. */
export const failed = ({ code, message, hint }: Omit<Finding, 'ok'>): Finding => ({
  code,
  ok: false,
  message,
  hint,
});
