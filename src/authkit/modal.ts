import { dictionary } from '../hardening/own.js';
import { safeDocument } from '../hardening/safe-document.js';
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
  readonly container = safeDocument.createElement('div');
  /** Where AuthKit's frame goes: here, or into a window of its own. */
  place: HTMLElement = this.container;
  /** The window of that place. */
  view: Window & typeof globalThis = window;
  /** What is shown until AuthKit is there: that it is opening, and Cancel. */
  readonly card = safeDocument.createElement('div');
  readonly #dialog = safeDocument.createElement('dialog');
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
    dialog.append(this.#createWaiting(), safeDocument.createElement('slot'), this.#createClose());
    dialog.addEventListener('cancel', this.#onCancel);
    // Chromium closes a dialog at the second Escape even when `cancel` was prevented.
    dialog.addEventListener('close', options.onEscape);

    const root = this.container.attachShadow(dictionary({ mode: 'open' }));
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
    safeDocument.body.before(this.container);
  }

  /** Opens the dialog, with only its own Cancel in it. */
  show(): void {
    this.container.dir = this.options.dir();
    const { activeElement, body } = safeDocument;
    this.#focusedBefore = activeElement === body ? null : (activeElement as Focusable | null);
    this.#dialog.showModal();
    this.#unlockScroll = lockScroll();
  }

  /** Whose messages count: those of AuthKit's page, once it can be seen. */
  get speaker(): Window | null | undefined {
    const { frame } = this;
    return frame?.style.display === 'block' ? frame.contentWindow : undefined;
  }

  /** Shows AuthKit's frame and puts focus into it. */
  reveal(): void {
    const { frame } = this;
    if (!frame) return;
    // What AuthKit itself sets, 100 ms later.
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
    const target = before && safeDocument.contains(before) ? before : this.options.opener;
    // The fields of a form shadow what it has.
    (target instanceof HTMLFormElement ? HTMLElement.prototype : target).focus.call(target);
  }

  #onCancel = (event: Event) => {
    event.preventDefault();
    this.options.onEscape();
  };

  #createWaiting(): HTMLElement {
    const { openingText, cancelText, onCancel } = this.options;
    const text = safeDocument.createElement('span');
    text.textContent = openingText;
    const spinner = safeDocument.createElement('span');
    spinner.className = 'spinner';
    this.card.className = 'card';
    this.card.append(spinner, text, createButton(cancelText, onCancel));
    const waiting = safeDocument.createElement('div');
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
  const button = safeDocument.createElement('button');
  button.textContent = text;
  button.addEventListener('click', onClick);
  return button;
}

/** Keeps the page behind from scrolling, and from jumping where its scrollbar took up room. */
function lockScroll(): () => void {
  // Not `scrollbar-gutter`, which would keep AuthKit out of that strip too.
  const gutter = window.innerWidth - safeDocument.documentElement.clientWidth;
  const padding = gutter > 0 ? `padding-inline-end: ${String(gutter)}px !important` : '';
  const sheet = createSheet(`:root { overflow: hidden !important; ${padding} }`);
  const { adoptedStyleSheets } = safeDocument;
  adoptedStyleSheets.push(sheet);
  return () => {
    const index = adoptedStyleSheets.indexOf(sheet);
    if (index >= 0) adoptedStyleSheets.splice(index, 1);
  };
}

/** A sheet that a Content-Security-Policy without `unsafe-inline` lets through too. */
function createSheet(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
