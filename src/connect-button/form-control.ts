import type { LitElement, PropertyDeclarations, PropertyValues } from 'lit';
import { localeOf } from '../localization/locale-controller.js';
import { dictionary } from '../hardening/own.js';
import { safeDocument } from '../hardening/safe-document.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript wants exactly this of a mixin's base class (TS2545).
type Constructor<T> = new (...args: any[]) => T;

/** What a form control has, as native ones do. */
export interface FormControl {
  name: string;
  value: string;
  required: boolean;
  disabled: boolean;
  readonly form: HTMLFormElement | null;
  readonly labels: NodeList;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  checkValidity: () => boolean;
  reportValidity: () => boolean;
  setCustomValidity: (message: string) => void;
  /** What its labels say. */
  readonly labelTexts: string[];
  /** Whether it is disabled, by itself or by a fieldset around it. */
  readonly isDisabled: boolean;
  /** What is wrong with it, from when a form has refused it until that is right. */
  readonly complaint: string;
  /** Takes over what the user chose, and tells the form's listeners. */
  choose: (value: string) => void;
  /** Takes back what the user chose, if anything. */
  unchoose: () => void;
}

/**
 * Makes an element a form control: its value is submitted with the form, under its name.
 * The control inside that validation messages point at has `part="button"`.
 */
export const withFormControl = <Base extends Constructor<LitElement>>(base: Base) => {
  class WithFormControl extends base implements FormControl {
    static readonly formAssociated = true;

    /** @internal */
    static properties: PropertyDeclarations = {
      isFormDisabled: { state: true, attribute: false },
      complaint: { state: true, attribute: false },
      name: {},
      value: {},
      required: { type: Boolean },
      disabled: { type: Boolean },
    };

    /** As the browser says: by the attribute, or by a fieldset. */
    private isFormDisabled = false;

    complaint = '';

    readonly #internals = this.attachInternals();
    #value = '';
    #hasChosen = false;
    #customMessage = '';

    /** The name under which the form submits `value`. Without one it submits nothing. */
    get name(): string {
      return this.getAttribute('name') ?? '';
    }

    set name(name: string | null) {
      this.#reflect('name', name);
    }

    /**
     * The key of the connection that was made: `live::gmail::default::abc123`. Empty until then, and after
     * the form was reset. The attribute is what it begins with.
     */
    get value(): string {
      return this.#value;
    }

    set value(value: string | null) {
      this.#value = value ?? '';
      // At once: a listener of pica-success may submit the form.
      this.#internals.setFormValue(this.#value || null);
      this.#internals.states[this.#value ? 'add' : 'delete']('connected');
      this.#validate();
    }

    /** Whether the form is invalid until a connection has been made. */
    get required(): boolean {
      return this.hasAttribute('required');
    }

    set required(required: boolean) {
      this.#reflect('required', required ? '' : null);
      this.#validate();
    }

    /** Whether the button can be used. A disabled one does not open by script either. */
    get disabled(): boolean {
      return this.hasAttribute('disabled');
    }

    set disabled(disabled: boolean) {
      this.#reflect('disabled', disabled ? '' : null);
    }

    /** The form that it belongs to. */
    get form(): HTMLFormElement | null {
      return this.#internals.form;
    }

    /** The labels that are meant for it. */
    get labels(): NodeList {
      return this.#internals.labels;
    }

    /** What is wrong with it, for the form: `valueMissing` while it is required and empty. */
    get validity(): ValidityState {
      return this.#internals.validity;
    }

    /** The same in words; empty when nothing is. */
    get validationMessage(): string {
      return this.#internals.validationMessage;
    }

    /** Whether the form asks it. */
    get willValidate(): boolean {
      return this.#internals.willValidate;
    }

    get labelTexts(): string[] {
      // For each element a browser looks through the page for its labels; whether there are any at all it knows.
      const mayHave =
        this.getRootNode() !== globalThis.document || safeDocument.getElementsByTagName('label')[0];
      return mayHave ? [...this.labels].map(({ textContent }) => textContent?.trim() ?? '') : [];
    }

    get isDisabled(): boolean {
      return this.disabled || this.isFormDisabled;
    }

    /** Whether it is valid; where not, it dispatches `invalid`. */
    checkValidity(): boolean {
      return this.#internals.checkValidity();
    }

    /** The same, and the browser shows what is wrong. */
    reportValidity(): boolean {
      return this.#internals.reportValidity();
    }

    /** Makes it invalid in the host's own words; an empty text makes it valid again. */
    setCustomValidity(message: string): void {
      this.#customMessage = message;
      this.#validate();
    }

    choose(value: string): void {
      this.#hasChosen = true;
      this.value = value;
      this.dispatchEvent(new Event('input', dictionary({ bubbles: true, composed: true })));
      this.dispatchEvent(new Event('change', dictionary({ bubbles: true })));
    }

    unchoose(): void {
      if (this.#hasChosen) this.formResetCallback();
    }

    /** The browser calls this when the form is reset. */
    formResetCallback(): void {
      this.#hasChosen = false;
      this.value = '';
    }

    /** The browser calls this when it fills the form in again, after going back or a crash. */
    formStateRestoreCallback(value: string): void {
      this.value = value;
    }

    /** The browser calls this when it, or a fieldset around it, is disabled or enabled. */
    formDisabledCallback(isDisabled: boolean): void {
      this.isFormDisabled = isDisabled;
    }

    override attributeChangedCallback(name: string, before: string | null, now: string | null) {
      // As a native control: what the user has chosen is not overwritten.
      if (name !== 'value' || !this.#hasChosen) super.attributeChangedCallback(name, before, now);
    }

    protected override updated(changed: PropertyValues): void {
      super.updated(changed);
      this.#validate();
    }

    /** Tells the user from now on what is wrong with it. */
    #onInvalid = () => {
      this.complaint = this.validationMessage;
    };

    #reflect(name: string, value: string | null): void {
      if (value === this.getAttribute(name)) return;
      if (value === null) this.removeAttribute(name);
      else this.setAttribute(name, value);
    }

    #validate(): void {
      const valueMissing = this.required && this.value === '';
      const customError = this.#customMessage !== '';
      if (!valueMissing && !customError && this.validity.valid) return;
      // Adding the same listener again has no effect.
      this.addEventListener('invalid', this.#onInvalid);
      this.#internals.setValidity(
        dictionary({ valueMissing, customError }),
        this.#customMessage || (valueMissing ? localeOf(this).text('required') : ''),
        this.shadowRoot?.querySelector<HTMLElement>('[part="button"]') ?? undefined,
      );
      this.complaint &&= this.validationMessage;
    }
  }
  return WithFormControl as Constructor<FormControl> & Base;
};
