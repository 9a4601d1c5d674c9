import type { LitElement, ReactiveController } from 'lit';
import type { Checkable } from './connect-options.js';
import { loadDiagnosis } from '../lazy.js';
import type { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { localeOf } from '../localization/locale-controller.js';
import type { Locale } from '../localization/locale.js';
import { inheritNothing } from '../hardening/own.js';

type Host = LitElement & Checkable & { debug: boolean };

/** Shows errors and findings in the `.debug` part of an element with `debug`. */
export class DebugReport implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #note: () => string;
  #findings: Finding[] = [];
  #shown = '';
  #locale: Locale | undefined;

  /** @param note additional text, or an empty string. */
  constructor(host: Host, note: () => string) {
    this.#host = host;
    this.#note = note;
    host.addController(this);
  }

  add({ code, message, hint }: PicaError): void {
    // Repeated errors, such as a Retry that fails again, are shown once.
    const others = this.#findings.filter((one) => one.code !== code || one.message !== message);
    this.#show([...others, { code, ok: false, message, hint }].slice(-5));
  }

  /** Removes the findings of an earlier opening. */
  clear(): void {
    this.#show([]);
  }

  hostUpdated(): void {
    // Saves work: this runs after each update, and most elements are not in debug mode.
    if (!this.#host.debug) return;
    const container = this.#host.shadowRoot?.querySelector<HTMLElement>('.debug');
    const findings = this.#findings;
    const note = this.#note();
    const locale = localeOf(this.#host);
    const text = [...findings.map((one) => `${one.code}: ${one.message} ${one.hint}`), note].join(
      '\n',
    );
    if (
      !container ||
      (container.hasChildNodes() && text === this.#shown && locale === this.#locale)
    ) {
      return;
    }
    this.#shown = text;
    this.#locale = locale;
    container.textContent = text;
    const isCurrent = () => text === this.#shown && locale === this.#locale;
    void loadDiagnosis().then(
      ({ showReport }) => {
        if (!isCurrent()) return;
        const check = async () => {
          this.#show(await this.#host.check());
        };
        showReport(container, { findings, note, check, locale });
      },
      // The plain text stays.
      () => undefined,
    );
  }

  #show(findings: Finding[]): void {
    this.#findings = findings;
    if (this.#host.debug) this.#host.requestUpdate();
  }
}
