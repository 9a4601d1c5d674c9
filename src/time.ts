/** A date and time without a zone, as databases write them. */
const zoneless = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d(\.\d+)?)?)$/;

/**
 * Parses a time: seconds or milliseconds since 1970, as a number or text, or a date as text, in UTC unless it has a
 * zone.
 * @returns milliseconds; NaN for anything else.
 */
export function parseTime(value: unknown): number {
  if (typeof value !== 'number' && typeof value !== 'string') return NaN;
  // Blank text counts as 0.
  const number = Number(value);
  if (Number.isNaN(number)) return Date.parse(String(value).replace(zoneless, '$1T$2Z'));
  // In seconds this is the year 5138, in milliseconds March 1973.
  return number < 1e11 ? number * 1000 : number;
}
