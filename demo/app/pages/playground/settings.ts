import type { Control } from './controls.js';

/** Values that differ from the initial value of their control, by name. */
export type Settings = ReadonlyMap<string, string>;

export const valueOf = (settings: Settings, { name, initial }: Control): string =>
  settings.get(name) ?? initial;

/** Returns the settings as the hash of a URL, in the order of the controls. Empty without settings. */
export function addressOf(settings: Settings, controls: readonly Control[]): string {
  const set = controls.filter((control) => settings.has(control.name));
  return new URLSearchParams(
    set.map((control) => [control.name, valueOf(settings, control)]),
  ).toString();
}

/** Parses the hash of a URL. `ignored` has a sentence for each part that was left out. */
export function settingsIn(
  address: string,
  controls: readonly Control[],
): { settings: Map<string, string>; ignored: string[] } {
  const settings = new Map<string, string>();
  const ignored: string[] = [];
  for (const [name, value] of new URLSearchParams(address.replace(/^#/, ''))) {
    const control = controls.find((known) => known.name === name);
    if (!control) ignored.push(`There is no “${name}” here.`);
    else {
      const error = validationError(control, value);
      if (error) ignored.push(error);
      else if (value !== control.initial) settings.set(name, value);
    }
  }
  return { settings, ignored };
}

/** Returns why a value in a URL is invalid, or an empty string. */
function validationError({ name, kind, choices = [] }: Control, value: string): string {
  const not = (wanted: string) => `“${value}” is no ${name}: ${wanted}.`;
  switch (kind) {
    case 'choice':
      return choices.includes(value) ? '' : not(`it is one of ${choices.join(', ')}`);
    case 'switch':
      return value === 'true' || value === '' ? '' : not('it is true, or left out');
    case 'number':
      return value !== '' && Number(value) >= 0 ? '' : not('it is a number');
    case 'color':
    case 'length':
      // The value becomes part of a style sheet.
      return /[;{}<>]/.test(value) ? not('it is one CSS value') : '';
    case 'text':
    case 'json':
      return '';
  }
}

/** Returns the settings with one change. An initial value removes the setting. */
export function withSetting(settings: Settings, control: Control, value: string): Settings {
  const changed = new Map(settings);
  if (value === control.initial) changed.delete(control.name);
  else changed.set(control.name, value);
  return changed;
}
