import type { Control } from './controls.js';
import { valueOf, type Settings } from './settings.js';

/** The groups that are open at first. The others are long. */
const open = ['Try', 'Button'];

/** A form with a field for each control. */
export class Form {
  readonly #fields = new Map<string, HTMLInputElement | HTMLSelectElement>();

  /** @param onChange called when the user changes a control */
  constructor(
    container: HTMLElement,
    readonly controls: readonly Control[],
    onChange: (control: Control, value: string) => void,
  ) {
    for (const name of new Set(controls.map(({ group }) => group))) {
      const members = controls.filter(({ group }) => group === name);
      const group = createElement(
        'details',
        { open: open.includes(name) },
        createElement('summary', {}, name),
      );
      const fields = createElement('div', { className: 'fields' });
      for (const control of members) fields.append(this.#fieldFor(control, onChange));
      group.append(fields);
      container.append(group);
    }
  }

  /** Shows these settings. */
  show(settings: Settings): void {
    for (const control of this.controls) {
      const field = this.#fields.get(control.name);
      const value = valueOf(settings, control);
      if (field instanceof HTMLInputElement && field.type === 'checkbox') {
        field.checked = value === 'true';
      } else if (field && field.value !== value) field.value = value;
    }
  }

  #fieldFor(control: Control, onChange: (control: Control, value: string) => void): HTMLElement {
    const id = `set-${control.name}`;
    const field = input(control);
    field.id = id;
    field.name = control.name;
    field.setAttribute('aria-describedby', `${id}-about`);
    this.#fields.set(control.name, field);
    field.addEventListener('input', () => {
      const isSwitch = control.kind === 'switch';
      const value = isSwitch ? String((field as HTMLInputElement).checked) : field.value;
      field.setCustomValidity(validationMessage(control, value));
      field.ariaInvalid = field.validity.valid ? null : 'true';
      onChange(control, value === 'false' && isSwitch ? '' : value);
    });

    const label = createElement('label', { htmlFor: id }, control.name);
    const about = createElement('small', { id: `${id}-about` }, ...withCode(aboutOf(control)));
    const row = createElement('div', { className: `field ${control.kind}` }, label, field, about);
    if (control.kind === 'color') field.after(swatch(control, field));
    return row;
  }
}

/** Returns a color picker for a text field, which accepts more than a picker can choose. */
function swatch(control: Control, field: HTMLInputElement | HTMLSelectElement): HTMLElement {
  const picker = createElement('input', { type: 'color', ariaLabel: `Pick ${control.name}` });
  picker.addEventListener('input', () => {
    field.value = picker.value;
    field.dispatchEvent(new Event('input'));
  });
  return picker;
}

function input({ kind, choices = [] }: Control): HTMLInputElement | HTMLSelectElement {
  if (kind === 'choice') {
    return createElement(
      'select',
      {},
      ...choices.map((choice) => createElement('option', {}, choice)),
    );
  }
  if (kind === 'switch') return createElement('input', { type: 'checkbox' });
  if (kind === 'number') return createElement('input', { type: 'number', min: '0' });
  return createElement('input', { type: 'text', spellcheck: false });
}

/** Returns why a value is invalid, or an empty string. Invalid values are applied too, to show what the elements do. */
function validationMessage({ kind, name }: Control, value: string): string {
  if (value === '') return '';
  if (kind === 'color' && !CSS.supports('color', value)) return 'This is not a CSS color.';
  if (kind === 'length' && !CSS.supports('padding', value)) return 'This is not a CSS length.';
  if (kind !== 'json') return '';
  try {
    JSON.parse(value);
    return '';
  } catch {
    return `${name} takes a JSON object, like {"x-user": "1"}.`;
  }
}

/** Returns the description, with the default if the text doesn't name it. */
function aboutOf({ description, initial, kind }: Control): string {
  const isComplete = /default/i.test(description) || initial === '' || kind === 'choice';
  return isComplete ? description : `${description} Here: \`${initial}\`.`;
}

/** Turns text in backticks into <code> elements. */
function withCode(text: string): (Node | string)[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? createElement('code', {}, part) : part));
}

function createElement<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}
