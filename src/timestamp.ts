/** A date and time without a time zone, as databases write them. */
const zoneless = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d(\.\d+)?)?)$/;

/**
 * Parses seconds or milliseconds since 1970, as a number or string, or a date as a string, which is in UTC unless it
 * names a time zone.
 * @returns milliseconds, or NaN for anything else.
 */
export function parseTimestamp(value: unknown): number {
  if (typeof value !== 'number' && typeof value !== 'string') return NaN;
  // A blank string counts as 0.
  const number = Number(value);
  if (Number.isNaN(number)) return Date.parse(String(value).replace(zoneless, '$1T$2Z'));
  // In seconds this is the year 5138, in milliseconds March 1973.
  return number < 1e11 ? number * 1000 : number;
}
