import {
  html,
  isServer,
  LitElement,
  nothing,
  type PropertyDeclarations,
  type PropertyValues,
} from 'lit';
import { ConnectController, type ConnectStatus } from '../connect/connect-controller.js';
import { withConnectOptions } from '../connect/options-mixin.js';
import { withFormControl } from './form-control.js';
import type { Connection } from '../connection.js';
import { LocaleController } from '../localization/locale-controller.js';
import type { Locale } from '../localization/locale.js';
import { dictionary, listener } from '../hardening/prototype-pollution.js';
import { styles } from './connect-button.styles.js';
import { theme } from '../connect/theme.styles.js';

/**
 * A button that connects one of the user's accounts through Pica's AuthKit.
 *
 * @tagname pica-connect-button
 *
 * @slot - The label. Default: "Connect", or "Connect Gmail" with `selected-connection="Gmail"`.
 * @slot icon - An icon in front of the label.
 *
 * @csspart button - The native button.
 * @csspart icon - The container of the icon.
 * @csspart label - The container of the label.
 * @csspart spinner - The spinner, shown while AuthKit opens or a connection is being saved.
 * @csspart message - The message below the button, for example after a failed save.
 *
 * @cssprop --pica-accent - The background of a filled button, the text of a quiet one, and the focus ring.
 * @cssprop --pica-on-accent - The text color of a filled button.
 * @cssprop --pica-surface - The background of a quiet or disabled button, and the color around the focus ring.
 * @cssprop --pica-text - The color that is mixed into the background on hover and press.
 * @cssprop --pica-muted - The text color of a disabled button.
 * @cssprop --pica-danger - The color of the message, and of the ring around a button with a message.
 * @cssprop --pica-radius - The corner radius. Default: `0.5em`.
 * @cssprop --pica-spacing - The unit of all gaps and padding. Default: `0.5em`.
 *
 * @cssstate connected - The button has a `value`.
 *
 * @event {PicaOpenEvent} pica-open - AuthKit is about to open. Cancelable.
 * @event {PicaSuccessEvent} pica-success - An account was connected. Pass the promise of your save to `waitUntil()`.
 * @event {PicaErrorEvent} pica-error - Something failed: see `detail.error`.
 * @event {PicaCloseEvent} pica-close - AuthKit has closed. Dispatched once per opening, after all other events except a
 *   `pica-error` `save-failed`, which may follow if a save is still pending.
 */
export class PicaConnectButton extends withFormControl(withConnectOptions(LitElement)) {
  /** @internal */
  static override properties: PropertyDeclarations = {
    selectedConnection: { attribute: 'selected-connection' },
    appearance: {},
    hasIcon: { state: true, attribute: false },
    hasBlankLabel: { state: true, attribute: false },
  };

  static override shadowRootOptions: ShadowRootInit = dictionary({
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  });

  static override styles = [theme, styles];

  /** The display name of the integration to open in AuthKit, like `Gmail`. Without it, AuthKit shows its list. */
  selectedConnection: string | null = null;

  /** `filled`: the accent color fills the button. `quiet`: an outlined button, for a secondary action. */
  appearance: 'filled' | 'quiet' = 'filled';

  declare private hasIcon: true | undefined;

  /** The label is only white space, as in `<pica-connect-button> </pica-connect-button>`. */
  declare private hasBlankLabel: true | undefined;

  readonly #locale: LocaleController = new LocaleController(this);
  #connect: ConnectController | undefined;

  constructor() {
    super();
    this.addEventListener('command', this.#onCommand);
    this.addEventListener('click', this.#onClick);
    this.addEventListener('focusin', this.#onFocusIn);
    this.addEventListener('pointerover', this.#onIntent);
    this.addEventListener('touchstart', this.#onIntent, dictionary({ passive: true }));
  }

  /**
   * The state of the button. `idle`: nothing is happening. `loading`: AuthKit is opening, from the click until it is
   * visible. `open`: AuthKit is visible. `saving`: a save is pending. `unsaved`: the last save failed. The `status`
   * attribute has the same value, for CSS.
   */
  get status(): ConnectStatus {
    return this.#connect?.status ?? 'idle';
  }

  /** Whether `status` is `loading`. AuthKit's documentation calls this `isLoading`. */
  get loading(): boolean {
    return this.status === 'loading';
  }

  /**
   * Opens AuthKit. If this button has AuthKit open already, returns the same promise as the first call. In browsers with
   * invoker commands, `<button command="--open" commandfor="id">` calls this method too.
   * @returns once AuthKit has closed, with the last new connection or null. Never rejects: failures are `pica-error`
   *   events.
   */
  open(): Promise<Connection | null> {
    if (this.isDisabled) return Promise.resolve(null);
    return this.#getController().open(this.selectedConnection ?? undefined);
  }

  /** Closes AuthKit if this button opened it. */
  close(): void {
    this.#connect?.close();
  }

  /**
   * Tries to save unsaved connections again. For each one, dispatches `pica-success` again and, if `connections-url` is
   * set, sends the connection there.
   */
  retrySave(): void {
    this.#connect?.retrySave();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    // The next user must not submit the previous user's connection.
    if (changed.get('identity')) this.clearUserValue();
    // Don't wait for a click: an earlier page may have left unsaved connections, and `debug` shows problems at once.
    if (this.debug || (this.connectionsUrl && this.identity)) this.#getController();
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.getAttribute('status') !== this.status) this.setAttribute('status', this.status);
  }

  protected override render() {
    const isBusy = this.status === 'loading' || this.status === 'saving';
    const { locale } = this.#locale;
    const label = this.selectedConnection
      ? locale.text('connectTo', { name: this.selectedConnection })
      : locale.text('connect');
    const labels = this.labelStrings.join(locale.text('separator'));
    const { language } = locale;
    const { shownError } = this;
    const message =
      this.status === 'unsaved'
        ? this.#renderUnsaved(locale)
        : shownError
          ? html`<bdi>${shownError}</bdi>`
          : nothing;
    return html`
      <button
        part="button"
        class=${this.appearance}
        type="button"
        ?disabled=${this.isDisabled}
        aria-describedby="labels message"
        aria-busy=${isBusy ? 'true' : nothing}
        @slotchange=${listener(this.#onSlotChange)}
      >
        <slot part="icon" name="icon" ?hidden=${!this.hasIcon}></slot>
        ${this.hasBlankLabel ? html`<span part="label" lang=${language}>${label}</span>` : nothing}
        <slot part="label"><bdi lang=${language}>${label}</bdi></slot>
        ${isBusy ? html`<span part="spinner"></span>` : nothing}
      </button>
      <span id="labels" hidden>${labels || nothing}</span>
      <div id="message" part="message" role="status">${message}</div>
      ${this.debug ? html`<div part="message" class="debug"></div>` : nothing}
      ${(isServer as boolean) ? renderNoScript(locale.text('needsScript')) : nothing}
    `;
  }

  /** Created on first use, because most buttons on a page are never used. */
  #getController(): ConnectController {
    return (this.#connect ??= new ConnectController(this, {
      onNewConnection: ({ key }) => {
        if (this.value !== key) this.setUserValue(key);
      },
    }));
  }

  #renderUnsaved(locale: Locale) {
    const retry = () => {
      // Retry disappears while it has the focus. `this.focus()` would do nothing, because the focus is inside already.
      this.renderRoot.querySelector('button')?.focus();
      this.retrySave();
    };
    return html`<bdi lang=${locale.language}
      >${locale.text('unsaved')}&#32;<button class="link" type="button" @click=${listener(retry)}>
        ${locale.text('retry')}
      </button></bdi
    >`;
  }

  /** The element itself is the target of `click()` and of a click on its label. */
  #onClick = (event: Event) => {
    const path = event.composedPath();
    const button = this.renderRoot.querySelector('button');
    if (path[0] === this || (button && path.includes(button))) void this.open();
  };

  /** Renders the labels again: no event tells when they change, and they are not needed before the focus. */
  #onFocusIn = () => {
    this.requestUpdate();
    this.#onIntent();
  };

  #onIntent = () => {
    if (!this.isDisabled) this.#getController().prefetch(this.selectedConnection ?? undefined);
  };

  /** From `<button command="--open" commandfor="…">`, in browsers with invoker commands. */
  #onCommand = (event: Event) => {
    if ((event as Event & { command?: string }).command === '--open') void this.open();
  };

  #onSlotChange = ({ target }: Event) => {
    const slot = target as HTMLSlotElement;
    const nodes = slot.assignedNodes();
    const isBlank = nodes.every((node) => node instanceof Text && node.data.trim() === '');
    // Setting the same value again renders nothing.
    if (slot.name) this.hasIcon = nodes.length > 0 || undefined;
    else this.hasBlankLabel = (nodes.length > 0 && isBlank) || undefined;
  };
}

/** Puts the text into the template's strings: with scripts, a <noscript> holds plain text and no Lit expression. */
function renderNoScript(text: string) {
  const escaped = text.replace(/[&<]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const strings = [`<noscript>${escaped}</noscript>`];
  return html(Object.assign(strings, { raw: strings }));
}

declare global {
  interface HTMLElementTagNameMap {
    'pica-connect-button': PicaConnectButton;
  }
}
