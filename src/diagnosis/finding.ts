import type { Finding } from '../finding.js';

export const good = (code: Finding['code'], message: string, hint = ''): Finding => ({
  code,
  ok: true,
  message,
  hint,
});

export const bad = ({ code, message, hint }: Omit<Finding, 'ok'>): Finding => ({
  code,
  ok: false,
  message,
  hint,
});
