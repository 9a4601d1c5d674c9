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
import { isHydrating, LocaleController } from '../localization/locale-controller.js';
import { dictionary, listener } from '../hardening/prototype-pollution.js';
import { styles } from './connect-button.styles.js';
import { renderBelow, renderError, renderRetry } from './messages.js';
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
 * @csspart spinner - The spinner. Only there while AuthKit opens or a connection is being saved.
 * @csspart message - The message below the button, for example after a failed save. Not there before somebody is about to use
 *   the button.
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
    ownLabel: { state: true, attribute: false },
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

  /** The label in the element: undefined if there is none, so that the button needs one of its own. */
  declare private ownLabel: 'blank' | 'visible' | undefined;

  readonly #locale: LocaleController = new LocaleController(this);
  #connect: ConnectController | undefined;

  /** One listener for all buttons: a page may have a thousand. */
  static readonly #listener = listener((event: Event) => {
    (event.currentTarget as PicaConnectButton).#onEvent(event);
  });

  static readonly #slotListener = listener(({ currentTarget, target }: Event) => {
    ((currentTarget as ShadowRoot).host as PicaConnectButton).#onSlotChange(
      target as HTMLSlotElement,
    );
  });

  constructor() {
    super();
    for (const type of ['command', 'click', 'focusin', 'pointerover'])
      this.addEventListener(type, PicaConnectButton.#listener);
    this.addEventListener('touchstart', PicaConnectButton.#listener, dictionary({ passive: true }));
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
    // A server can't see the children, so it renders a label. Otherwise `slotchange` will correct this.
    if (!this.hasUpdated && !(isServer as boolean) && !isHydrating(this) && this.hasChildNodes())
      this.ownLabel = 'visible';
    // The next user must not submit the previous user's connection.
    if (changed.get('identity')) this.clearUserValue();
    // Don't wait for a click: an earlier page may have left unsaved connections, and `debug` shows problems at once.
    if (this.debug || (this.connectionsUrl && this.identity)) this.#getController();
    if (this.status !== 'idle') this.isPrepared = true;
  }

  protected override firstUpdated(): void {
    this.renderRoot.addEventListener('slotchange', PicaConnectButton.#slotListener);
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.getAttribute('status') !== this.status) this.setAttribute('status', this.status);
  }

  protected override render() {
    const isBusy = this.status === 'loading' || this.status === 'saving';
    const labels = this.labelStrings;
    const hasBelow = [this.isPrepared, this.debug, labels.length, isServer].some(Boolean);
    return html`
      <button
        part="button"
        class=${this.appearance}
        type="button"
        ?disabled=${this.isDisabled}
        aria-describedby="labels message"
        aria-busy=${isBusy ? 'true' : nothing}
      >
        <slot part="icon" name="icon" hidden></slot>
        ${isBusy || this.ownLabel === 'blank' ? this.#renderMore(isBusy) : nothing}
        <slot part="label">${this.ownLabel ? nothing : this.#renderLabel()}</slot>
      </button>
      ${
        hasBelow
          ? renderBelow({
              labels,
              message: this.isPrepared && this.#renderMessage(),
              isDebug: this.debug,
              locale: this.#locale.locale,
            })
          : nothing
      }
    `;
  }

  #renderMore(isBusy: boolean) {
    const label = this.ownLabel === 'blank' ? this.#renderLabel() : nothing;
    return html`${label}${isBusy ? html`<span part="spinner"></span>` : nothing}`;
  }

  #renderLabel() {
    const { locale } = this.#locale;
    const name = this.selectedConnection;
    return html`<bdi part=${this.ownLabel ? 'label' : nothing} lang=${locale.language}
      >${name ? locale.text('connectTo', { name }) : locale.text('connect')}</bdi
    >`;
  }

  /** Created on first use, because most buttons on a page are never used. */
  #getController(): ConnectController {
    return (this.#connect ??= new ConnectController(this, {
      onNewConnection: ({ key }) => {
        if (this.value !== key) this.setUserValue(key);
      },
    }));
  }

  #renderMessage() {
    const { locale } = this.#locale;
    if (this.status === 'unsaved') {
      return renderRetry(locale, locale.text('unsaved'), this.retrySave.bind(this));
    }
    return this.#connect?.isUnavailable
      ? renderRetry(locale, locale.text('openFailed'), this.open.bind(this))
      : renderError(this.shownError);
  }

  #onEvent(event: Event & { command?: string }): void {
    if (event.type === 'click') this.#onClick(event);
    // From `<button command="--open" commandfor="…">`, in browsers with invoker commands.
    else if (event.type !== 'command') this.#onIntent(event);
    else if (event.command === '--open') void this.open();
  }

  /** The element itself is the target of `click()` and of a click on its label. */
  #onClick(event: Event): void {
    const path = event.composedPath();
    const button = this.renderRoot.querySelector('button');
    if (path[0] === this || (button && path.includes(button))) void this.open();
  }

  #onIntent({ type }: Event): void {
    this.isPrepared = true;
    // Renders the labels again: no event tells when they change.
    if (type === 'focusin') this.requestUpdate();
    if (!this.isDisabled) this.#getController().prefetch(this.selectedConnection ?? undefined);
  }

  #onSlotChange(slot: HTMLSlotElement): void {
    const nodes = slot.assignedNodes();
    const isVisible = nodes.some((node) => !(node instanceof Text) || node.data.trim() !== '');
    if (slot.name) slot.hidden = !isVisible;
    else this.ownLabel = isVisible ? 'visible' : nodes.length > 0 ? 'blank' : undefined;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'pica-connect-button': PicaConnectButton;
  }
}
