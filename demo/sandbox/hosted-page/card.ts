import { isWebUrl } from './element.js';
import { postExit } from './messages.js';
import type { Options } from './options.js';

export interface View {
  content: HTMLElement;
  /** Where the keyboard goes; without it, the first control of the view, or the way out. */
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
let onLeave = () => {};

/** Leaving must always be possible, whatever the card shows. `beforehand` tidies up. */
export function letUserLeave(beforehand: () => void) {
  onLeave = beforehand;
  close.onclick = leave;
  // The host cannot hear keys that are pressed in here.
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
  });
  // Focus set while the iframe was still hidden is lost.
  window.addEventListener('focus', () => {
    if (document.activeElement === document.body) firstControl.focus();
  });
}

export function leave() {
  onLeave();
  postExit();
}

export function dress({ appTheme, title, imageUrl }: Options) {
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
