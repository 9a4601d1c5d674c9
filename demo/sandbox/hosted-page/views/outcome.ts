import type { View } from '../card.js';
import { button, element } from '../element.js';

interface Action {
  label: string;
  run: () => void;
}

const mark = (sign: string, kind: 'success' | 'failure') => {
  const icon = element('div', { className: `mark ${kind}` }, sign);
  icon.setAttribute('aria-hidden', 'true');
  return icon;
};

type Actions = [main: Action, ...others: Action[]];

const actions = ([main, ...others]: Actions) =>
  element(
    'div',
    { className: 'actions' },
    button(main.label, main.run, 'primary'),
    ...others.map(({ label, run }) => button(label, run)),
  );

export const success = (title: string, next: Actions): View => ({
  content: element(
    'div',
    { className: 'centred' },
    mark('✓', 'success'),
    element(
      'div',
      { role: 'status' },
      element('h1', {}, `${title} is connected`),
      element('p', { className: 'muted' }, 'You can close this now.'),
    ),
    actions(next),
  ),
});

export const failure = (heading: string, explanation: string, next: Actions): View => ({
  content: element(
    'div',
    { className: 'centred' },
    mark('!', 'failure'),
    element(
      'div',
      { role: 'alert' },
      element('h1', {}, heading),
      element('p', { className: 'muted' }, explanation),
    ),
    actions(next),
  ),
});
