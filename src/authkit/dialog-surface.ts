import { dictionary } from '../hardening/prototype-pollution.js';
import { safeDocument } from '../hardening/safe-document.js';
import { dialogStyles } from './dialog-surface.styles.js';
import type { Surface, SurfaceOptions } from './surface.js';

/** HTML elements, and links in an SVG. */
type Focusable = Element & HTMLOrSVGElement;

/**
 * A modal dialog around AuthKit's frame. The frame that AuthKit makes by itself lies below any dialog that was open
 * before, and is inert. This one is in the top layer, makes the page inert, and always has a Cancel or Close of its own.
 *
 * The dialog is in a shadow tree, where the page's CSS cannot reach it. The frame stays in the light tree, where AuthKit
 * looks for it by id, and is slotted in.
 */
export class DialogSurface implements Surface {
  readonly options: SurfaceOptions;
  readonly view = window;
  readonly frameParent = safeDocument.createElement('div');
  /** The box that is shown until AuthKit's page has loaded: a spinner, a text and Cancel. */
  readonly card = safeDocument.createElement('div');
  readonly #dialog = safeDocument.createElement('dialog');
  #focusedBefore: Focusable | null = null;
  #unlockScroll: (() => void) | undefined;

  constructor(options: SurfaceOptions) {
    this.options = options;
    this.frameParent.dataset.picaConnectModal = '';
    this.frameParent.lang = options.locale.language;

    const dialog = this.#dialog;
    dialog.style.colorScheme = options.colorScheme;
    dialog.ariaLabel = options.label;
    dialog.append(
      createWaiting(this.card, options),
      safeDocument.createElement('slot'),
      createClose(options),
    );
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      options.onEscape();
    });
    // Chromium closes a dialog at the second Escape even if `cancel` was prevented.
    dialog.addEventListener('close', options.onEscape);

    const root = this.frameParent.attachShadow(dictionary({ mode: 'open' }));
    root.adoptedStyleSheets = [createSheet(dialogStyles)];
    root.append(dialog);
  }

  get isIntact(): boolean {
    // A dialog that is moved in the document stays open, but is not modal any more.
    const isModal = !this.#unlockScroll || this.#dialog.matches(':modal');
    return this.frameParent.isConnected && isModal;
  }

  /**
   * Puts the closed dialog into the document. A page in it loads, but is not rendered: it can't take the focus, and screen
   * readers don't announce it.
   */
  attach(): void {
    safeDocument.body.before(this.frameParent);
  }

  /** Opens the dialog. Only its card is visible. */
  show(): void {
    this.frameParent.dir = this.options.locale.dir;
    const { activeElement, body } = safeDocument;
    this.#focusedBefore = activeElement === body ? null : (activeElement as Focusable | null);
    this.#dialog.showModal();
    this.#unlockScroll = lockScroll();
  }

  reveal(): void {
    this.#dialog.classList.add('visible');
  }

  close(): void {
    this.#dialog.close();
    this.frameParent.remove();
    if (!this.#unlockScroll) return;
    this.#unlockScroll();
    const before = this.#focusedBefore;
    const target = before && safeDocument.contains(before) ? before : this.options.opener;
    // A form's fields can shadow its own `focus`.
    (target instanceof HTMLFormElement ? HTMLElement.prototype : target).focus.call(target);
  }
}

function createWaiting(card: HTMLElement, { locale, onCancel }: SurfaceOptions): HTMLElement {
  const text = safeDocument.createElement('span');
  text.textContent = locale.text('opening');
  const spinner = safeDocument.createElement('span');
  spinner.className = 'spinner';
  card.className = 'card';
  card.append(spinner, text, createButton(locale.text('cancel'), onCancel));
  const waiting = safeDocument.createElement('div');
  waiting.className = 'waiting';
  waiting.append(card);
  return waiting;
}

function createClose({ locale, onCancel }: SurfaceOptions): HTMLElement {
  const button = createButton('✕', onCancel);
  button.className = 'close';
  button.ariaLabel = button.title = locale.text('close');
  return button;
}

function createButton(text: string, onClick: () => void): HTMLButtonElement {
  const button = safeDocument.createElement('button');
  button.textContent = text;
  button.addEventListener('click', onClick);
  return button;
}

/** Stops the page from scrolling, and from shifting when its scrollbar disappears. @returns undoes it. */
function lockScroll(): () => void {
  // With `scrollbar-gutter`, AuthKit would not reach into that strip either.
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

/** A Content-Security-Policy without `unsafe-inline` allows constructed sheets, but no `<style>`. */
function createSheet(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}
