/** Seconds or milliseconds since 1970, or a date in words. @returns milliseconds; NaN for what is none. */
export function expiryOf(expiresAt: unknown): number {
  const time = Number(expiresAt) || Date.parse(String(expiresAt));
  return time < 1e11 ? time * 1000 : time;
}
