import type { View } from '../card.js';
import { element, logo } from '../element.js';
import type { TokenRow } from '../token.js';

interface Connecting {
  row: TokenRow;
  companyName: string | undefined;
  /** `false`: the integration takes an API key. */
  oauth: boolean;
  asksName: boolean;
  submit: (answers: { name: string; apiKey: string }) => void;
  back: (() => void) | undefined;
}

/** The form that connects one integration. */
export function connecting({ row, companyName, oauth, asksName, submit, back }: Connecting): View {
  const name = element('input', { id: 'name', autocomplete: 'off' });
  const apiKey = element('input', {
    id: 'api-key',
    type: 'password',
    autocomplete: 'off',
    required: true,
  });

  const form = element(
    'form',
    {},
    ...(asksName
      ? [element('label', { htmlFor: 'name' }, 'Name of this connection (optional)'), name]
      : []),
    ...(oauth
      ? []
      : [element('label', { htmlFor: 'api-key' }, `API key for ${row.title}`), apiKey]),
    element(
      'button',
      { type: 'submit', className: 'primary' },
      oauth ? `Continue to ${row.title}` : `Connect ${row.title}`,
    ),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit({ name: name.value.trim(), apiKey: apiKey.value.trim() });
  });

  const company = companyName || 'This application';
  return {
    ...(back && { back }),
    content: element(
      'div',
      { className: 'centred' },
      logo(row.image, 64),
      element('h1', {}, `Connect ${row.title}`),
      element(
        'p',
        { className: 'muted' },
        oauth
          ? `${company} asks for access to your account. ${row.title} opens in a window of its own.`
          : `${company} asks for access to your account. You find the API key in your settings at ${row.title}.`,
      ),
      form,
    ),
  };
}
