import type { Control } from './controls.js';

/** What differs from its control's initial value, by the control's name. */
export type Settings = ReadonlyMap<string, string>;

export const valueOf = (settings: Settings, { name, initial }: Control): string =>
  settings.get(name) ?? initial;

/** The settings as the part of an address behind its `#`, in the order of the controls; empty without any. */
export function addressOf(settings: Settings, controls: readonly Control[]): string {
  const set = controls.filter((control) => settings.has(control.name));
  return new URLSearchParams(
    set.map((control) => [control.name, valueOf(settings, control)]),
  ).toString();
}

/** Reads an address. What it cannot take it leaves out, and says so, a sentence for each. */
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
      const complaint = complaintAbout(control, value);
      if (complaint) ignored.push(complaint);
      else if (value !== control.initial) settings.set(name, value);
    }
  }
  return { settings, ignored };
}

/** What is wrong with a value in an address, if anything is. */
function complaintAbout({ name, kind, choices = [] }: Control, value: string): string {
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
      // It is written into a style sheet.
      return /[;{}<>]/.test(value) ? not('it is one CSS value') : '';
    case 'text':
    case 'json':
      return '';
  }
}

/** The settings with one of them changed; one that is as it was at first is none. */
export function withSetting(settings: Settings, control: Control, value: string): Settings {
  const changed = new Map(settings);
  if (value === control.initial) changed.delete(control.name);
  else changed.set(control.name, value);
  return changed;
}
