import { isWebUrl } from './element.js';
import { postExit } from './messages.js';
import type { Options } from './options.js';

export interface View {
  content: HTMLElement;
  /** Receives the focus. By default, the view's first control does, or else the Close button. */
  focus?: HTMLElement;
  back?: () => void;
}

function find(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page.html has no #${id}.`);
  return found;
}

const back = find('back');
const close = find('close');
const main = find('view');
let firstControl: HTMLElement = close;
let onExit = () => {};

/** Makes Close and Escape work in every view. `cleanUp` runs before the page tells its host. */
export function enableExit(cleanUp: () => void) {
  onExit = cleanUp;
  close.onclick = exit;
  // The host page does not receive key events from inside the iframe.
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') exit();
  });
  // Focus that was set while the iframe was hidden is lost.
  window.addEventListener('focus', () => {
    if (document.activeElement === document.body) firstControl.focus();
  });
}

export function exit() {
  onExit();
  postExit();
}

export function applyOptions({ appTheme, title, imageUrl }: Options) {
  document.documentElement.dataset.theme = appTheme === 'dark' ? 'dark' : 'light';
  find('title').textContent = title || 'Connect an integration';
  if (isWebUrl(imageUrl)) {
    const image = find('image') as HTMLImageElement;
    image.src = imageUrl;
    image.hidden = false;
  }
}

export function show(view: View) {
  back.hidden = !view.back;
  back.onclick = () => view.back?.();
  main.replaceChildren(view.content);
  main.scrollTop = 0;
  firstControl = view.focus ?? main.querySelector<HTMLElement>('input, button') ?? close;
  firstControl.focus();
}
