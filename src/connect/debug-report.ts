import type { LitElement, ReactiveController } from 'lit';
import type { Checkable } from './options.js';
import { loadDiagnosis } from '../lazy.js';
import type { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { localeOf } from '../localization/locale-controller.js';
import type { Locale } from '../localization/locale.js';
import { inheritNothing } from '../hardening/own.js';

type Host = LitElement & Checkable & { debug: boolean };

/** Fills the place that an element with `debug` has for what is wrong: its `.debug`. */
export class DebugReport implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #note: () => string;
  #findings: Finding[] = [];
  #shown = '';
  #locale: Locale | undefined;

  /** @param note what else there is to say. */
  constructor(host: Host, note: () => string) {
    this.#host = host;
    this.#note = note;
    host.addController(this);
  }

  add({ code, message, hint }: PicaError): void {
    // The same thing again, as a Retry that fails, is no other finding.
    const others = this.#findings.filter((one) => one.code !== code || one.message !== message);
    this.#show([...others, { code, ok: false, message, hint }].slice(-5));
  }

  /** What was wrong before counts no more. */
  clear(): void {
    this.#show([]);
  }

  hostUpdated(): void {
    // Most elements have none, and this runs after each of their updates.
    if (!this.#host.debug) return;
    const place = this.#host.shadowRoot?.querySelector<HTMLElement>('.debug');
    const findings = this.#findings;
    const note = this.#note();
    const locale = localeOf(this.#host);
    const text = [...findings.map((one) => `${one.code}: ${one.message} ${one.hint}`), note].join(
      '\n',
    );
    if (!place || (place.hasChildNodes() && text === this.#shown && locale === this.#locale)) {
      return;
    }
    this.#shown = text;
    this.#locale = locale;
    place.textContent = text;
    const isCurrent = () => text === this.#shown && locale === this.#locale;
    void loadDiagnosis().then(
      ({ showReport }) => {
        if (!isCurrent()) return;
        const check = async () => {
          this.#show(await this.#host.check());
        };
        showReport(place, { findings, note, check, locale });
      },
      // The text that is there already will do.
      () => undefined,
    );
  }

  #show(findings: Finding[]): void {
    this.#findings = findings;
    if (this.#host.debug) this.#host.requestUpdate();
  }
}
