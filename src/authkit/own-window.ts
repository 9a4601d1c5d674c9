import type { OwnWindow } from './leave-frame.js';
import type { Modal } from './modal.js';

/** How often it is looked whether the window is still there, in milliseconds: no event tells of all its ends. */
const lookEvery = 250;

/**
 * Lets AuthKit open in a window that this page has opened: an empty document of the page's own origin, under
 * the page's own policy. AuthKit's script stays in the page; only its frame is in the window.
 * @returns undoes it.
 */
export function holdInWindow(modal: Modal, view: OwnWindow, onClose: () => void): () => void {
  // An empty page of ours: nothing in it shadows anything.
  const { document: inner } = view;
  const { label, lang, dir, colorScheme, openingText } = modal.options;
  inner.title = label;
  const root = inner.documentElement;
  root.lang = lang;
  root.dir = dir();
  root.style.colorScheme = colorScheme;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(styles);
  inner.adoptedStyleSheets = [sheet];
  const opening = inner.createElement('p');
  opening.textContent = openingText;
  inner.body.append(opening);

  modal.place = inner.body;
  modal.view = view;
  showElsewhere(modal, view);

  // Its page speaks to the window around its frame. Who it was that spoke is passed on with it, so that the same
  // is believed as ever. (Firefox 153 takes no window of another origin as the `source` of a new event.)
  view.addEventListener('message', ({ data, origin, source }: MessageEvent<unknown>) => {
    const event = new MessageEvent('message', {
      __proto__: null,
      data,
      origin,
    } as MessageEventInit);
    window.dispatchEvent(Object.defineProperty(event, 'source', { value: source }));
  });
  inner.addEventListener('securitypolicyviolation', (event) => {
    const copy = new SecurityPolicyViolationEvent(event.type, event);
    EventTarget.prototype.dispatchEvent.call(document, copy);
  });
  // Closed, reloaded, or used for another page.
  view.addEventListener('pagehide', onClose);
  const timer = setInterval(() => {
    if (view.closed) onClose();
  }, lookEvery);
  return () => {
    clearInterval(timer);
  };
}

/** Says in the frame where AuthKit is, with a way there; Cancel is there already. */
function showElsewhere({ card, options }: Modal, view: Window): void {
  const [spinner, text, cancel] = [...card.children] as [Element, Element, Element];
  spinner.remove();
  text.textContent = options.elsewhereText;
  const { document: inner } = view;
  const show = inner.createElement('button');
  show.textContent = options.showText;
  show.addEventListener('click', () => view.focus());
  cancel.before(show);
}

const styles = `
  body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
  p { padding: 2rem; text-align: center; }
  iframe { color-scheme: light; }
`;
