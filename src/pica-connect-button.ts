import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';
import { ConnectController, type ConnectStatus } from './connect-controller.js';
import { withConnectOptions } from './connect-options.js';
import type { Connection } from './connection.js';
import { en } from './locales/en.js';
import { styles } from './pica-connect-button.styles.js';
import { theme } from './theme.styles.js';

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
 * @cssprop --pica-accent - The button's color.
 * @cssprop --pica-on-accent - The color of what stands on it.
 * @cssprop --pica-text - The color that the button is mixed with under the pointer.
 * @cssprop --pica-danger - The color of the message.
 * @cssprop --pica-radius - The corners. Default: `0.5em`.
 * @cssprop --pica-spacing - What all distances are multiples of. Default: `0.5em`.
 *
 * @event {PicaOpenEvent} pica-open - AuthKit is about to open; cancelable.
 * @event {PicaSuccessEvent} pica-success - A connection was made; has `waitUntil()`.
 * @event {PicaErrorEvent} pica-error - Something went wrong.
 * @event {PicaCloseEvent} pica-close - AuthKit has closed; once for each opening, last.
 */
export class PicaConnectButton extends withConnectOptions(LitElement) {
  static override shadowRootOptions: ShadowRootInit = {
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  };

  static override styles = [theme, styles];

  /** The display name of the integration that AuthKit opens at: `Gmail`. Default: AuthKit's list. */
  @property({ attribute: 'selected-connection' }) selectedConnection: string | null = null;

  /** Whether the button can be used. A disabled one does not open by script either. */
  @property({ type: Boolean, reflect: true }) disabled = false;

  @state() private hasIcon = false;

  /** A label of nothing but white space, as `<pica-connect-button> </pica-connect-button>` has. */
  @state() private hasBlankLabel = false;

  readonly #connect = new ConnectController(this);

  constructor() {
    super();
    this.addEventListener('command', this.#onCommand);
  }

  /**
   * `idle`; `loading`: from the click until AuthKit is visible; `open`: AuthKit is visible;
   * `saving`: a save is pending; `unsaved`: the last save failed. Reflected, read-only.
   */
  get status(): ConnectStatus {
    return this.#connect.status;
  }

  /** Whether AuthKit is being opened; what AuthKit's documentation calls `isLoading`. Read-only. */
  get loading(): boolean {
    return this.status === 'loading';
  }

  /**
   * Opens AuthKit; does nothing new while it is open.
   * @returns the last connection that was made, or null, once AuthKit has closed. Never rejects: what
   *   goes wrong is a `pica-error` event.
   */
  open(): Promise<Connection | null> {
    if (this.disabled) return Promise.resolve(null);
    return this.#connect.open(this.selectedConnection ?? undefined);
  }

  /** Closes AuthKit, if this button opened it. */
  close(): void {
    this.#connect.close();
  }

  /** Dispatches `pica-success` again for each connection whose save failed. */
  retrySave(): void {
    this.#connect.retrySave();
  }

  protected override updated(_changed: PropertyValues): void {
    if (this.getAttribute('status') !== this.status) this.setAttribute('status', this.status);
  }

  protected override render() {
    const isBusy = this.status === 'loading' || this.status === 'saving';
    return html`
      <button
        part="button"
        type="button"
        ?disabled=${this.disabled}
        aria-busy=${isBusy ? 'true' : nothing}
        @click=${this.#onClick}
      >
        <span part="icon" class=${this.hasIcon ? 'filled' : nothing}>
          <slot name="icon" @slotchange=${this.#onIconChange}></slot>
        </span>
        <span part="label">
          <slot @slotchange=${this.#onLabelChange}>${this.#label}</slot>
          ${this.hasBlankLabel ? this.#label : nothing}
        </span>
        ${isBusy ? html`<span part="spinner"></span>` : nothing}
      </button>
      <div part="message" role="status">${this.status === 'unsaved' ? en.unsaved : nothing}</div>
    `;
  }

  get #label(): string {
    return this.selectedConnection ? en.connectTo(this.selectedConnection) : en.connect;
  }

  #onClick = () => {
    void this.open();
  };

  /** `<button command="--open" commandfor="…">`, where the browser has invoker commands. */
  #onCommand = (event: Event) => {
    if ((event as Event & { command?: string }).command === '--open') void this.open();
  };

  #onIconChange = (event: Event) => {
    this.hasIcon = (event.target as HTMLSlotElement).assignedNodes().length > 0;
  };

  #onLabelChange = (event: Event) => {
    const nodes = (event.target as HTMLSlotElement).assignedNodes();
    this.hasBlankLabel =
      nodes.length > 0 && nodes.every((node) => node instanceof Text && node.data.trim() === '');
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'pica-connect-button': PicaConnectButton;
  }
}
