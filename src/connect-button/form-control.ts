import type { LitElement, PropertyDeclarations, PropertyValues } from 'lit';
import { localeOf } from '../localization/locale-controller.js';
import { dictionary } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript wants exactly this of a mixin's base class (TS2545).
type Constructor<T> = new (...args: any[]) => T;

/** The API of a native form control, and what the button needs inside. */
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
  /** The text of each label. */
  readonly labelStrings: string[];
  /** Whether the element or a fieldset around it is disabled. */
  readonly isDisabled: boolean;
  /** The validation message, from a failed validation until the element is valid. */
  readonly shownError: string;
  /** Whether somebody is about to use the button, or has to. What only they need is not rendered before. */
  isPrepared: true | undefined;
  /** Sets the value on the user's behalf: dispatches `input` and `change`. */
  setUserValue: (value: string) => void;
  /** Clears the value if the user set it. */
  clearUserValue: () => void;
}

/**
 * Makes an element a form control, which submits its value with the form. The browser shows its validation messages at
 * the inner control with `part="button"`.
 */
export const withFormControl = <Base extends Constructor<LitElement>>(base: Base) => {
  class WithFormControl extends base implements FormControl {
    static readonly formAssociated = true;

    /** @internal */
    static properties: PropertyDeclarations = {
      isFormDisabled: { state: true, attribute: false },
      shownError: { state: true, attribute: false },
      isPrepared: { state: true, attribute: false },
      name: {},
      value: {},
      required: { type: Boolean },
      disabled: { type: Boolean },
    };

    /** From the browser: true for the `disabled` attribute or a disabled fieldset. */
    private isFormDisabled = false;

    shownError = '';

    declare isPrepared: true | undefined;

    readonly #internals = this.attachInternals();
    #value = '';
    /** Whether the user has set the value. HTML calls this the dirty value flag. */
    #isDirty = false;
    #customMessage = '';
    #isValid = true;

    /**
     * The name of the value in form data. Without a name, the element submits nothing.
     * @default ''
     */
    get name(): string {
      return this.getAttribute('name') ?? '';
    }

    set name(name: string | null) {
      // Setting an attribute to the value that it has would set this property again.
      if (name === this.getAttribute('name')) return;
      if (name === null) this.removeAttribute('name');
      else this.setAttribute('name', name);
    }

    /**
     * The key of the connection, like `live::gmail::default::abc123`. Empty until the user connects an account, and again
     * after a form reset or a change of `identity`. The attribute sets the initial value.
     * @default ''
     */
    get value(): string {
      return this.#value;
    }

    set value(value: string | null) {
      this.#value = value ?? '';
      // Without waiting for an update: a listener of pica-success may submit the form.
      this.#internals.setFormValue(this.#value || null);
      this.#internals.states[this.#value ? 'add' : 'delete']('connected');
      this.#validate();
    }

    /**
     * Makes the element invalid while it has no `value`, so that the form can't be submitted.
     * @default false
     */
    get required(): boolean {
      return this.hasAttribute('required');
    }

    set required(required: boolean | null) {
      this.toggleAttribute('required', Boolean(required));
      this.#validate();
    }

    /**
     * Disables the element. Neither a click nor `open()` opens AuthKit then. A disabled fieldset has the same effect.
     * @default false
     */
    get disabled(): boolean {
      return this.hasAttribute('disabled');
    }

    set disabled(disabled: boolean | null) {
      this.toggleAttribute('disabled', Boolean(disabled));
    }

    /** The form that owns the element, or null. */
    get form(): HTMLFormElement | null {
      return this.#internals.form;
    }

    /** The `<label>` elements of the element. */
    get labels(): NodeList {
      return this.#internals.labels;
    }

    /**
     * The validity of the element. `valueMissing`: it is required and has no value. `customError`: `setCustomValidity()`
     * has set a message.
     */
    get validity(): ValidityState {
      return this.#internals.validity;
    }

    /** The message that says why the element is invalid. Empty if it is valid. */
    get validationMessage(): string {
      return this.#internals.validationMessage;
    }

    /** Whether the form validates the element. False while it is disabled. */
    get willValidate(): boolean {
      return this.#internals.willValidate;
    }

    get labelStrings(): string[] {
      // Browsers search the whole page for an element's labels. Finding out whether there are labels at all is fast.
      const mayHave =
        this.getRootNode() !== globalThis.document || safeDocument.getElementsByTagName('label')[0];
      return mayHave ? [...this.labels].map(({ textContent }) => textContent?.trim() ?? '') : [];
    }

    get isDisabled(): boolean {
      return this.disabled || this.isFormDisabled;
    }

    /**
     * Checks whether the element is valid. If not, dispatches a cancelable `invalid` event and shows the message below
     * the button.
     * @returns true if the element is valid.
     */
    checkValidity(): boolean {
      return this.#internals.checkValidity();
    }

    /**
     * Checks the validity like `checkValidity()`, and makes the browser report an invalid element to the user.
     * @returns true if the element is valid.
     */
    reportValidity(): boolean {
      return this.#internals.reportValidity();
    }

    /** Makes the element invalid, with your message. An empty string removes the message. */
    setCustomValidity(message: string): void {
      this.#customMessage = message;
      this.#validate();
    }

    setUserValue(value: string): void {
      this.#isDirty = true;
      this.value = value;
      this.dispatchEvent(new Event('input', dictionary({ bubbles: true, composed: true })));
      this.dispatchEvent(new Event('change', dictionary({ bubbles: true })));
    }

    clearUserValue(): void {
      if (this.#isDirty) this.formResetCallback();
    }

    /** The browser calls this when the form is reset. */
    formResetCallback(): void {
      this.#isDirty = false;
      this.value = '';
    }

    /** The browser calls this when it restores the form, after going back or after a crash. */
    formStateRestoreCallback(value: string): void {
      this.value = value;
    }

    /** The browser calls this when the element or a fieldset around it is disabled or enabled. */
    formDisabledCallback(isDisabled: boolean): void {
      this.isFormDisabled = isDisabled;
    }

    override attributeChangedCallback(name: string, before: string | null, now: string | null) {
      // As with native controls, the attribute doesn't overwrite the user's value.
      if (name !== 'value' || !this.#isDirty) super.attributeChangedCallback(name, before, now);
    }

    protected override updated(changed: PropertyValues): void {
      super.updated(changed);
      this.#validate();
    }

    /** Shows the message from now on, until the element is valid. */
    #onInvalid = () => {
      this.shownError = this.validationMessage;
    };

    #validate(): void {
      const valueMissing = this.required && this.value === '';
      const customError = this.#customMessage !== '';
      if (!valueMissing && !customError && this.#isValid) return;
      this.#isValid = !valueMissing && !customError;
      // The message's live region has to be there before its text.
      this.isPrepared = true;
      // Adding the same listener again has no effect.
      this.addEventListener('invalid', this.#onInvalid);
      this.#internals.setValidity(
        dictionary({ valueMissing, customError }),
        this.#customMessage || (valueMissing ? localeOf(this).text('required') : ''),
        this.shadowRoot?.querySelector<HTMLElement>('[part="button"]') ?? undefined,
      );
      this.shownError &&= this.validationMessage;
    }
  }
  return WithFormControl as Constructor<FormControl> & Base;
};
