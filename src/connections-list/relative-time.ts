import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Locale } from '../localization/locale.js';
import { isAmericanEnglish, longDate, timeAgo } from './american-english.js';
import { dictionary, inheritNothing } from '../hardening/prototype-pollution.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * day],
  ['month', 30 * day],
  ['day', day],
  ['hour', hour],
  ['minute', minute],
];

/** Cached for the last language, because there may be thousands of rows. */
let formats:
  { language: string; relative: Intl.RelativeTimeFormat; exact: Intl.DateTimeFormat } | undefined;

function formatsOf({ language }: Locale) {
  if (formats?.language !== language) {
    formats = {
      language,
      relative: new Intl.RelativeTimeFormat(
        language,
        dictionary<Intl.RelativeTimeFormatOptions>({ numeric: 'auto' }),
      ),
      exact: new Intl.DateTimeFormat(
        language,
        dictionary<Intl.DateTimeFormatOptions>({ dateStyle: 'long', timeStyle: 'short' }),
      ),
    };
  }
  return formats;
}

/** Returns "3 days ago". A time in the future means that a clock is wrong, and counts as now. */
export function relativeTime(time: number, now: number, locale: Locale): string {
  const past = Math.max(now - time, 0);
  const [unit, length] = units.find(([, size]) => past >= size) ?? ['second', Infinity];
  const count = Math.trunc(past / length);
  if (isAmericanEnglish(locale.language)) return timeAgo(count, unit);
  return formatsOf(locale).relative.format(-count, unit);
}

/** "January 2, 2026 at 1:00 PM" */
export function exactTime(time: number, locale: Locale): string {
  if (isAmericanEnglish(locale.language)) return longDate(time);
  return formatsOf(locale).exact.format(time);
}

/** "1:00 PM" */
export function timeOfDay(time: number, { language }: Locale): string {
  return new Intl.DateTimeFormat(
    language,
    dictionary<Intl.DateTimeFormatOptions>({ timeStyle: 'short' }),
  ).format(time);
}

/** Renders the host again when a relative time may have changed: every minute, or every hour for older times. */
export class RelativeTimeController implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: ReactiveControllerHost & Element;
  readonly #newest: () => number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param newest returns the newest time on the page, which changes first. */
  constructor(host: ReactiveControllerHost & Element, newest: () => number | undefined) {
    this.#host = host;
    this.#newest = newest;
    host.addController(this);
  }

  hostConnected(): void {
    this.#host.requestUpdate();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
  }

  hostUpdated(): void {
    clearTimeout(this.#timer);
    // A removed host may update once more. A timer that renews itself would then keep it in memory forever.
    if (!this.#host.isConnected) return;
    const newest = this.#newest();
    if (newest === undefined) return;
    const age = Date.now() - newest;
    this.#timer = setTimeout(
      () => {
        this.#host.requestUpdate();
      },
      age < hour ? minute : hour,
    );
  }
}
