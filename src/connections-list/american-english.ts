import { dictionary } from '../hardening/prototype-pollution.js';

/*
 * What the list needs of American English, the language of most pages. The first use of any formatter or collator of
 * `Intl` takes Chromium 156 7 to 12 ms on a page, longer than everything else that it takes to show a hundred rows.
 */

export const isAmericanEnglish = (language: string): boolean => /^en(-US)?$/.test(language);

const words: Partial<Record<string, string>> = dictionary({
  second: 'now',
  day: 'yesterday',
  month: 'last month',
  year: 'last year',
});

/** "3 days ago", as `Intl.RelativeTimeFormat` with `numeric: 'auto'`. @param count how long ago, as a whole number. */
export function timeAgo(count: number, unit: string): string {
  const word = count > 1 ? undefined : words[unit];
  return word ?? `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** "January 2, 2026 at 1:00 PM", as `Intl.DateTimeFormat` with a long date and a short time. */
export function longDate(time: number): string {
  const date = new Date(time);
  const [hours, minutes] = [date.getHours(), String(date.getMinutes()).padStart(2, '0')];
  const day = `${months[date.getMonth()]} ${date.getDate()}, ${date.getFullYear()}`;
  return `${day} at ${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}`;
}
