import { tags, type Control, type Tag } from './controls.js';
import { valueOf, type Settings } from './settings.js';
import { themes } from './themes.js';

/** An attribute that is set, with the kind of its control. */
export interface Attribute {
  name: string;
  kind: Control['kind'];
  value: string;
}

/** The settings of one element, for the preview and the snippets. */
export interface ElementSettings {
  tag: Tag;
  /** Only those that differ from the element's defaults. */
  attributes: Attribute[];
  /** The name `label` is the element's default slot. */
  slots: { name: string; text: string }[];
}

/** The settings of each visible element. */
export function elementSettingsOf(
  settings: Settings,
  controls: readonly Control[],
): ElementSettings[] {
  const visible = settings.get('show') ?? 'both';
  return tags
    .filter((tag) => visible === 'both' || tag.endsWith(visible))
    .map((tag) => {
      const ownControls = controls.filter((control) => control.tags.includes(tag));
      const of = (purpose: Control['purpose']) =>
        ownControls
          .filter((control) => control.purpose === purpose)
          .map((control) => ({ ...control, value: valueOf(settings, control) }));
      return {
        tag,
        // The URLs of a host's endpoints are initial values of this page, not defaults of the element.
        attributes: of('attribute')
          .filter(({ name, value }) => value && (settings.has(name) || name.endsWith('-url')))
          .map(({ name, kind, value }) => ({ name, kind, value })),
        slots: of('slot')
          .filter(({ value }) => value)
          .map(({ name, value }) => ({ name, text: value })),
      };
    });
}

/** The custom properties of the theme, overridden by those that are set individually. */
export function propertiesOf(
  settings: Settings,
  controls: readonly Control[],
): Record<string, string> {
  const own = controls
    .filter(({ purpose, name }) => purpose === 'property' && settings.get(name))
    .map(({ name }) => [name, settings.get(name) ?? ''] as const);
  return { ...themes[settings.get('theme') ?? 'default'], ...Object.fromEntries(own) };
}
