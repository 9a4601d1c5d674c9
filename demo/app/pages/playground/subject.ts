import { tags, type Control, type Tag } from './controls.js';
import { valueOf, type Settings } from './settings.js';
import { themes } from './themes.js';

/** An attribute that is set, as its control knows it. */
export interface Attribute {
  name: string;
  kind: Control['kind'];
  value: string;
}

/** The settings of one element, for the preview and the snippets. */
export interface Subject {
  tag: Tag;
  /** Those that differ from what the element has by itself. */
  attributes: Attribute[];
  /** `label` is the element's own content. */
  slots: { name: string; text: string }[];
}

/** The elements that are shown. */
export function subjectsOf(settings: Settings, controls: readonly Control[]): Subject[] {
  const shown = settings.get('show') ?? 'both';
  return tags
    .filter((tag) => shown === 'both' || tag.endsWith(shown))
    .map((tag) => {
      const having = controls.filter((control) => control.tags.includes(tag));
      const of = (purpose: Control['purpose']) =>
        having
          .filter((control) => control.purpose === purpose)
          .map((control) => ({ ...control, value: valueOf(settings, control) }));
      return {
        tag,
        // An address of a host's is the page's initial value, and not the element's.
        attributes: of('attribute')
          .filter(({ name, value }) => value && (settings.has(name) || name.endsWith('-url')))
          .map(({ name, kind, value }) => ({ name, kind, value })),
        slots: of('slot')
          .filter(({ value }) => value)
          .map(({ name, value }) => ({ name, text: value })),
      };
    });
}

/** The custom properties of the theme, and above them those that were set one by one. */
export function propertiesOf(
  settings: Settings,
  controls: readonly Control[],
): Record<string, string> {
  const own = controls
    .filter(({ purpose, name }) => purpose === 'property' && settings.get(name))
    .map(({ name }) => [name, settings.get(name) ?? ''] as const);
  return { ...themes[settings.get('theme') ?? 'default'], ...Object.fromEntries(own) };
}
