import type { LitElement, ReactiveController } from 'lit';
import type { Checkable } from './options.js';
import { loadDiagnosis } from '../lazy.js';
import type { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { localeOf } from '../localization/locale-controller.js';
import type { Locale } from '../localization/locale.js';
import { inheritNothing } from '../hardening/prototype-pollution.js';

type Host = LitElement & Checkable & { debug: boolean };

/** Fills the `.debug` box of an element with `debug`: its faults, and a button that runs its check. */
export class DebugReport implements ReactiveController {
  static {
    inheritNothing(this);
  }

  readonly #host: Host;
  readonly #note: () => string;
  #findings: Finding[] = [];
  #shown: string | undefined;
  #locale: Locale | undefined;

  /** @param note returns another problem to show, or ''. */
  constructor(host: Host, note: () => string) {
    this.#host = host;
    this.#note = note;
    host.addController(this);
  }

  add({ code, message, hint }: PicaError): void {
    // A Retry that fails again adds no second finding.
    const others = this.#findings.filter((one) => one.code !== code || one.message !== message);
    this.#show([...others, { code, ok: false, message, hint }].slice(-5));
  }

  /** Removes all findings. */
  clear(): void {
    this.#show([]);
  }

  hostUpdated(): void {
    // Return early: this runs after each update of every element, and few have `debug`.
    if (!this.#host.debug) return;
    const box = this.#host.shadowRoot?.querySelector<HTMLElement>('.debug');
    const findings = this.#findings;
    const note = this.#note();
    const locale = localeOf(this.#host);
    const text = [...findings.map((one) => `${one.code}: ${one.message} ${one.hint}`), note].join(
      '\n',
    );
    if (!box || (box.hasChildNodes() && text === this.#shown && locale === this.#locale)) {
      return;
    }
    this.#shown = text;
    this.#locale = locale;
    box.textContent = text;
    const isCurrent = () => text === this.#shown && locale === this.#locale;
    void loadDiagnosis().then(
      ({ showReport }) => {
        if (!isCurrent()) return;
        const check = async () => {
          this.#show(await this.#host.check());
        };
        showReport(box, { findings, note, check, locale });
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
