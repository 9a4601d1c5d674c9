import { modalStyles } from './modal.styles.js';

export interface ModalOptions {
  /** The accessible name of the dialog and of AuthKit's frame. */
  label: string;
  /** What is shown until AuthKit is there. */
  openingText: string;
  cancelText: string;
  /** What is shown while AuthKit is in a window of its own, and what brings that to the front. */
  elsewhereText: string;
  showText: string;
  closeText: string;
  /** The language of these texts. */
  lang: string;
  /** Their direction. Asked for when they are shown: to know it takes a browser some milliseconds. */
  dir: () => 'ltr' | 'rtl';
  /** The color scheme for what the modal itself shows. */
  colorScheme: 'light' | 'dark';
  /** Where focus goes when what had it before is gone. */
  opener: HTMLElement;
  onCancel: () => void;
  onEscape: () => void;
}

/** A link in an SVG can have the focus too. */
type Focusable = Element & HTMLOrSVGElement;

/**
 * The modal dialog that AuthKit's frame lives in. A frame of AuthKit's own lies below a dialog that
 * was open before, and is inert; this one is in the top layer, makes the page inert, and has a way
 * out of its own, whatever AuthKit's page does.
 *
 * The dialog is in a shadow tree, where the page's CSS cannot reach it; the frame is slotted into it
 * from the light tree, where AuthKit looks for it by id.
 */
export class Modal {
  readonly container = document.createElement('div');
  /** Where AuthKit's frame goes: here, or into a window of its own. */
  place: HTMLElement = this.container;
  /** What is shown until AuthKit is there: that it is opening, and Cancel. */
  readonly card = document.createElement('div');
  readonly #dialog = document.createElement('dialog');
  readonly options: ModalOptions;
  #frame: HTMLIFrameElement | null = null;
  #focusedBefore: Focusable | null = null;
  #unlockScroll: (() => void) | undefined;

  constructor(options: ModalOptions) {
    this.options = options;
    this.container.dataset.picaConnectModal = '';
    this.container.lang = options.lang;

    const dialog = this.#dialog;
    dialog.style.colorScheme = options.colorScheme;
    dialog.ariaLabel = options.label;
    dialog.append(this.#createWaiting(), document.createElement('slot'), this.#createClose());
    dialog.addEventListener('cancel', this.#onCancel);
    // Chromium closes a dialog at the second Escape even when `cancel` was prevented.
    dialog.addEventListener('close', options.onEscape);

    const root = this.container.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [createSheet(modalStyles)];
    root.append(dialog);
  }

  /** AuthKit's frame, once AuthKit has made it. */
  get frame(): HTMLIFrameElement | null {
    this.#frame ??= this.place.querySelector('iframe');
    return this.#frame;
  }

  /**
   * Whether it is all still in the document, and modal once it is open, which a dialog that is moved is
   * not any more.
   */
  get isThere(): boolean {
    const { isConnected } = this.container;
    const isModal = !this.#unlockScroll || this.#dialog.matches(':modal');
    return isConnected && isModal && this.frame?.isConnected !== false;
  }

  /**
   * Puts the dialog into the document, closed. What is in it is not rendered: it takes no focus and no
   * screen reader tells of it, whatever the page in the frame does, and that page loads all the same.
   */
  attach(): void {
    // Before the body: AuthKit takes the document's first `#event-link` for its frame, and removes it.
    document.body.before(this.container);
  }

  /** Opens the dialog, with only its own Cancel in it. */
  show(): void {
    this.container.dir = this.options.dir();
    const active = document.activeElement as Focusable | null;
    this.#focusedBefore = active === document.body ? null : active;
    this.#dialog.showModal();
    this.#unlockScroll = lockScroll();
  }

  /** Shows AuthKit's frame and puts focus into it. */
  reveal(): void {
    const { frame } = this;
    if (!frame) return;
    // What AuthKit itself sets, 100 ms later; until `display` is "block" it ignores its page.
    frame.style.display = 'block';
    frame.style.visibility = 'visible';
    if (this.place === this.container) this.#dialog.classList.add('visible');
    frame.focus();
  }

  /** Closes the dialog, takes it away, and gives focus back. */
  close(): void {
    this.#dialog.close();
    this.container.remove();
    if (!this.#unlockScroll) return;
    this.#unlockScroll();
    const before = this.#focusedBefore;
    (before?.isConnected ? before : this.options.opener).focus();
  }

  #onCancel = (event: Event) => {
    event.preventDefault();
    this.options.onEscape();
  };

  #createWaiting(): HTMLElement {
    const { openingText, cancelText, onCancel } = this.options;
    const text = document.createElement('span');
    text.textContent = openingText;
    const spinner = document.createElement('span');
    spinner.className = 'spinner';
    this.card.className = 'card';
    this.card.append(spinner, text, createButton(cancelText, onCancel));
    const waiting = document.createElement('div');
    waiting.className = 'waiting';
    waiting.append(this.card);
    return waiting;
  }

  #createClose(): HTMLElement {
    const { closeText, onCancel } = this.options;
    const button = createButton('✕', onCancel);
    button.className = 'close';
    button.ariaLabel = closeText;
    button.title = closeText;
    return button;
  }
}

function createButton(text: string, onClick: () => void): HTMLButtonElement {
  const button = document.createElement('button');
  button.textContent = text;
  button.addEventListener('click', onClick);
  return button;
}

/** Keeps the page behind from scrolling, and from jumping where its scrollbar took up room. */
function lockScroll(): () => void {
  // Not `scrollbar-gutter`, which would keep AuthKit out of that strip too.
  const gutter = window.innerWidth - document.documentElement.clientWidth;
  const padding = gutter > 0 ? `padding-inline-end: ${String(gutter)}px !important` : '';
  const sheet = createSheet(`:root { overflow: hidden !important; ${padding} }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
  };
}

/** A sheet that a Content-Security-Policy without `unsafe-inline` lets through too. */
function createSheet(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
