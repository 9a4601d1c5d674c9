import type { Control } from './controls.js';
import { valueOf, type Settings } from './settings.js';

/** The groups that are open at first; the others are long. */
const open = ['Try', 'Button'];

/** The fields of all controls. */
export class Form {
  readonly #fields = new Map<string, HTMLInputElement | HTMLSelectElement>();

  /** @param onChange the user has given a control a value */
  constructor(
    place: HTMLElement,
    readonly controls: readonly Control[],
    onChange: (control: Control, value: string) => void,
  ) {
    for (const name of new Set(controls.map(({ group }) => group))) {
      const members = controls.filter(({ group }) => group === name);
      const group = make('details', { open: open.includes(name) }, make('summary', {}, name));
      const fields = make('div', { className: 'fields' });
      for (const control of members) fields.append(this.#fieldFor(control, onChange));
      group.append(fields);
      place.append(group);
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
      field.setCustomValidity(complaint(control, value));
      field.ariaInvalid = field.validity.valid ? null : 'true';
      onChange(control, value === 'false' && isSwitch ? '' : value);
    });

    const label = make('label', { htmlFor: id }, control.name);
    const about = make('small', { id: `${id}-about` }, ...withCode(aboutOf(control)));
    const row = make('div', { className: `field ${control.kind}` }, label, field, about);
    if (control.kind === 'color') field.after(swatch(control, field));
    return row;
  }
}

/** A picker beside a field for colors, which can hold more than a picker can. */
function swatch(control: Control, field: HTMLInputElement | HTMLSelectElement): HTMLElement {
  const picker = make('input', { type: 'color', ariaLabel: `Pick ${control.name}` });
  picker.addEventListener('input', () => {
    field.value = picker.value;
    field.dispatchEvent(new Event('input'));
  });
  return picker;
}

function input({ kind, choices = [] }: Control): HTMLInputElement | HTMLSelectElement {
  if (kind === 'choice') {
    return make('select', {}, ...choices.map((choice) => make('option', {}, choice)));
  }
  if (kind === 'switch') return make('input', { type: 'checkbox' });
  if (kind === 'number') return make('input', { type: 'number', min: '0' });
  return make('input', { type: 'text', spellcheck: false });
}

/** What is wrong with what somebody types. It is given to the elements all the same, to see what they do. */
function complaint({ kind, name }: Control, value: string): string {
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

/** Its description, with its default where the words do not name it. */
function aboutOf({ description, initial, kind }: Control): string {
  const names = /default/i.test(description) || initial === '' || kind === 'choice';
  return names ? description : `${description} Here: \`${initial}\`.`;
}

/** Text with what is between backticks as code. */
function withCode(text: string): (Node | string)[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? make('code', {}, part) : part));
}

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
