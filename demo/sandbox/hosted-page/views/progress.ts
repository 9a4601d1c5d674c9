import type { View } from '../card.js';
import { button, element } from '../element.js';

export const loading = (text: string): View => ({
  content: element(
    'div',
    { className: 'centred', role: 'status' },
    element('div', { className: 'spinner' }),
    element('p', {}, text),
  ),
});

/** Shown while the popup is open. */
export const waiting = (title: string, showAgain: () => void, cancel: () => void): View => ({
  content: element(
    'div',
    { className: 'centred' },
    element('div', { className: 'spinner' }),
    element('h1', {}, `Waiting for ${title}`),
    element(
      'p',
      { className: 'muted', role: 'status' },
      'Say in the window that has opened whether you allow the access.',
    ),
    element(
      'div',
      { className: 'actions' },
      button('Show the window', showAgain),
      button('Cancel', cancel),
    ),
  ),
});
