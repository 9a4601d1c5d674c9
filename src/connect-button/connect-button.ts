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
import { dictionary, listener } from '../hardening/own.js';
import { styles } from './connect-button.styles.js';
import { theme } from '../connect/theme.styles.js';

/**
 * A button that connects one of the user's accounts through Pica's AuthKit.
 *
 * @tagname pica-connect-button
 *
 * @slot - The label. Without it: "Connect", or "Connect Gmail" with `selected-connection="Gmail"`.
 * @slot icon - A picture in front of the label.
 *
 * @csspart button - The button itself.
 * @csspart icon - Around the icon slot.
 * @csspart label - Around the label.
 * @csspart spinner - What turns while AuthKit is being opened or a connection is being saved.
 * @csspart message - The line below the button, when something needs to be said.
 *
 * @cssprop --pica-accent - The button's color, and that of its focus ring.
 * @cssprop --pica-on-accent - The color of what stands on it.
 * @cssprop --pica-surface - What the quiet button, a disabled one and the focus ring stand on.
 * @cssprop --pica-text - The color that the button is mixed with under the pointer.
 * @cssprop --pica-muted - The color of a disabled one.
 * @cssprop --pica-danger - The color of the message, and of the ring around a button that has one.
 * @cssprop --pica-radius - The corners. Default: `0.5em`.
 * @cssprop --pica-spacing - What all distances are multiples of. Default: `0.5em`.
 *
 * @cssstate connected - It has a `value`.
 *
 * @event {PicaOpenEvent} pica-open - AuthKit is about to open; cancelable.
 * @event {PicaSuccessEvent} pica-success - A connection was made; has `waitUntil()`.
 * @event {PicaErrorEvent} pica-error - Something went wrong.
 * @event {PicaCloseEvent} pica-close - AuthKit has closed; once for each opening, last.
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

  /** The display name of the integration that AuthKit opens at: `Gmail`. Default: AuthKit's list. */
  selectedConnection: string | null = null;

  /** `filled`, or `quiet` for one that is less important than what is beside it. Default: `filled`. */
  appearance: 'filled' | 'quiet' = 'filled';

  declare private hasIcon: true | undefined;

  /** A label of nothing but white space, as `<pica-connect-button> </pica-connect-button>` has. */
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
   * `idle`; `loading`: from the click until AuthKit is visible; `open`: AuthKit is visible;
   * `saving`: a save is pending; `unsaved`: the last save failed. Reflected, read-only.
   */
  get status(): ConnectStatus {
    return this.#connect?.status ?? 'idle';
  }

  /** Whether AuthKit is being opened; what AuthKit's documentation calls `isLoading`. Read-only. */
  get loading(): boolean {
    return this.status === 'loading';
  }

  /**
   * Opens AuthKit; does nothing new while it is open. `<button command="--open" commandfor="id">` calls it, too.
   * @returns the last connection that was made, or null, once AuthKit has closed. Never rejects: what
   *   goes wrong is a `pica-error` event.
   */
  open(): Promise<Connection | null> {
    if (this.isDisabled) return Promise.resolve(null);
    return this.#prepare().open(this.selectedConnection ?? undefined);
  }

  /** Closes AuthKit, if this button opened it. */
  close(): void {
    this.#connect?.close();
  }

  /**
   * Saves again what could not be saved: dispatches `pica-success` again for each such connection, and
   * sends it to `connections-url` where there is one.
   */
  retrySave(): void {
    this.#connect?.retrySave();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    // What one user has connected is not submitted by another.
    if (changed.get('identity')) this.unchoose();
    // What an earlier page could not store waits for no click, and what is wrong is shown before one.
    if (this.debug || (this.connectionsUrl && this.identity)) this.#prepare();
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
    const labels = this.labelTexts.join(locale.text('separator'));
    const { language } = locale;
    const { complaint } = this;
    const message =
      this.status === 'unsaved'
        ? this.#renderUnsaved(locale)
        : complaint
          ? html`<bdi>${complaint}</bdi>`
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

  /** Made when it is first needed: of the buttons of a page hardly one is used. */
  #prepare(): ConnectController {
    return (this.#connect ??= new ConnectController(this, {
      onNewConnection: ({ key }) => {
        if (this.value !== key) this.choose(key);
      },
    }));
  }

  #renderUnsaved(locale: Locale) {
    const retry = () => {
      // It goes, with the focus in it: `this.focus()` would do nothing, as that is in here already.
      this.renderRoot.querySelector('button')?.focus();
      this.retrySave();
    };
    return html`<bdi lang=${locale.language}
      >${locale.text('unsaved')}&#32;<button class="link" type="button" @click=${listener(retry)}>
        ${locale.text('retry')}
      </button></bdi
    >`;
  }

  /** Of the button, or of a label that is meant for it, or by `click()`: those go to the element itself. */
  #onClick = (event: Event) => {
    const path = event.composedPath();
    const button = this.renderRoot.querySelector('button');
    if (path[0] === this || (button && path.includes(button))) void this.open();
  };

  /** Nothing tells when labels change; nobody needs them before. */
  #onFocusIn = () => {
    this.requestUpdate();
    this.#onIntent();
  };

  #onIntent = () => {
    if (!this.isDisabled) this.#prepare().expectOpening(this.selectedConnection ?? undefined);
  };

  /** `<button command="--open" commandfor="…">`, where the browser has invoker commands. */
  #onCommand = (event: Event) => {
    if ((event as Event & { command?: string }).command === '--open') void this.open();
  };

  #onSlotChange = ({ target }: Event) => {
    const slot = target as HTMLSlotElement;
    const nodes = slot.assignedNodes();
    const isBlank = nodes.every((node) => node instanceof Text && node.data.trim() === '');
    // Where it is as before, nothing is rendered again.
    if (slot.name) this.hasIcon = nodes.length > 0 || undefined;
    else this.hasBlankLabel = (nodes.length > 0 && isBlank) || undefined;
  };
}

/** With the text in the template: that may have no expression in a <noscript>, which is text where scripts are. */
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
