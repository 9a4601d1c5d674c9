/** A date and a time, as databases write them without their zone. */
const zoneless = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d(\.\d+)?)?)$/;

/**
 * Reads a time: seconds or milliseconds since 1970, as a number or as text, or a date in words, in UTC unless it names
 * its zone. @returns milliseconds; NaN for anything else.
 */
export function parseTime(value: unknown): number {
  if (typeof value !== 'number' && typeof value !== 'string') return NaN;
  // Blank text is the number 0.
  const number = Number(value);
  if (Number.isNaN(number)) return Date.parse(String(value).replace(zoneless, '$1T$2Z'));
  // In seconds this is the year 5138, in milliseconds March 1973.
  return number < 1e11 ? number * 1000 : number;
}
