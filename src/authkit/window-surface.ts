import type { DialogSurface } from './dialog-surface.js';
import type { Surface } from './surface.js';

/** No event reports every way in which a window can close or go to another page, so a timer checks. */
const pollIntervalMs = 250;

/**
 * A window of its own for AuthKit: an empty document of the page's own origin, under the page's own policy. AuthKit's
 * script stays in the page; only its frame is in the window. The dialog in the page says where to continue.
 */
export class WindowSurface implements Surface {
  readonly view: Window & typeof globalThis;
  readonly frameParent: HTMLElement;
  readonly #dialog: DialogSurface;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param view a new, empty window. The caller closes it.
   * @param dialog already shown in the page.
   */
  constructor(view: Window & typeof globalThis, dialog: DialogSurface) {
    const { onCancel } = dialog.options;
    // A new document of ours: the page has put nothing into it that could shadow a property.
    const { document: inner } = view;
    this.view = view;
    this.frameParent = inner.body;
    this.#dialog = dialog;
    fillDocument(view, dialog);
    fillCard(view, dialog);

    // AuthKit's page posts its messages to the window around its frame.
    view.addEventListener('message', repostMessage);
    inner.addEventListener('securitypolicyviolation', (event) => {
      const copy = new SecurityPolicyViolationEvent(event.type, event);
      EventTarget.prototype.dispatchEvent.call(document, copy);
    });
    // The user closed it, reloaded it or went to another page.
    view.addEventListener('pagehide', onCancel);
    this.#timer = setInterval(() => {
      if (view.closed || !shows(view, inner)) onCancel();
    }, pollIntervalMs);
  }

  get isIntact(): boolean {
    return this.#dialog.isIntact;
  }

  reveal(): void {
    // AuthKit's frame covers the window by itself.
  }

  close(): void {
    clearInterval(this.#timer);
    this.#dialog.close();
  }
}

/** In Firefox 153, a document that is no longer shown keeps its `defaultView`, so that says nothing. */
function shows(view: Window, page: Document): boolean {
  try {
    return view.document === page;
  } catch {
    // It shows a page of another origin.
    return false;
  }
}

function fillDocument(view: Window & typeof globalThis, { options }: DialogSurface): void {
  const { document: inner } = view;
  const { label, locale, colorScheme } = options;
  inner.title = label;
  const root = inner.documentElement;
  root.lang = locale.language;
  root.dir = locale.dir;
  root.style.colorScheme = colorScheme;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(styles);
  inner.adoptedStyleSheets = [sheet];
  const opening = inner.createElement('p');
  opening.textContent = locale.text('opening');
  inner.body.append(opening);
}

/** Puts a way to the window into the dialog, which has Cancel already. */
function fillCard(view: Window, { card, options: { locale } }: DialogSurface): void {
  const [spinner, text, cancel] = [...card.children] as [Element, Element, Element];
  spinner.remove();
  text.textContent = locale.text('elsewhere');
  const { document: inner } = view;
  const show = inner.createElement('button');
  show.textContent = locale.text('showWindow');
  show.addEventListener('click', () => view.focus());
  cancel.before(show);
}

/**
 * Dispatches a message of that window in this one, where messages.ts checks its origin and source. Firefox 153 accepts
 * no window of another origin as the `source` of a new event, so this is set afterwards.
 */
function repostMessage({ data, origin, source }: MessageEvent<unknown>): void {
  const event = new MessageEvent('message', { __proto__: null, data, origin } as MessageEventInit);
  window.dispatchEvent(Object.defineProperty(event, 'source', { value: source }));
}

const styles = `
  body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
  p { padding: 2rem; text-align: center; }
  iframe { color-scheme: light; }
`;
