import type { ReactiveController, ReactiveControllerHost } from 'lit';

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

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });

/** "3 days ago" */
export function relativeTime(time: number, now: number): string {
  const past = now - time;
  const [unit, length] = units.find(([, size]) => Math.abs(past) >= size) ?? ['second', Infinity];
  return relative.format(-Math.trunc(past / length), unit);
}

/** "January 2, 2026 at 1:00 PM" */
export function exactTime(time: number): string {
  return exact.format(time);
}

/** Lets the host render again when "a minute ago" has become wrong, and no sooner. */
export class RelativeTimeController implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #newest: () => number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param newest the newest time that is shown, which is the first to change. */
  constructor(host: ReactiveControllerHost, newest: () => number | undefined) {
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
