import manifest from '../../../../custom-elements.json' with { type: 'json' };
import { simulations } from '../../../sandbox/browser/simulations.js';
import { themes } from './themes.js';

export const tags = ['pica-connect-button', 'pica-connections-list'] as const;
export type Tag = (typeof tags)[number];

/** What a control is for: an attribute, a custom property or a slot of the elements, or the page itself. */
export type Purpose = 'attribute' | 'property' | 'slot' | 'page';

export type Kind = 'choice' | 'switch' | 'number' | 'text' | 'json' | 'color' | 'length';

/** A setting, with everything that the page knows about it. */
export interface Control {
  /** Also the name in the page's URL. */
  name: string;
  purpose: Purpose;
  kind: Kind;
  group: string;
  /** The elements that have it. */
  tags: readonly Tag[];
  /** The value if nobody has set it. For an attribute that is missing: an empty string. */
  initial: string;
  description: string;
  /** The possible values of a choice. */
  choices?: readonly string[];
}

interface Declared {
  tagName?: string;
  attributes?: {
    name: string;
    description?: string;
    default?: string;
    type?: { text: string };
  }[];
  cssProperties?: { name: string; description?: string }[];
}

/**
 * The endpoints of a host, as the snippets show them. The live elements get the sandbox's endpoints instead.
 */
export const hostAddresses: Record<string, string> = {
  'token-url': '/api/authkit/token',
  'connections-url': '/api/connections',
  'integrations-url': '/api/integrations',
};

const declarations = manifest.modules.flatMap((module) => module.declarations as Declared[]);

const declared = new Map(
  tags.map((tag) => {
    const found = declarations.find(({ tagName }) => tagName === tag);
    if (!found) throw new Error(`custom-elements.json has no ${tag}.`);
    return [tag, found];
  }),
);

/** Every control, in the order in which the page shows them. */
export const controlsFor = (languages: readonly string[]): Control[] => [
  ...pageControls(languages),
  ...slotControls,
  ...propertyControls(),
  ...attributeControls(),
];

const pageControls = (languages: readonly string[]): Control[] => [
  page('simulate', ['nothing', ...simulations], 'What goes wrong in the sandbox.'),
  page('show', ['both', 'button', 'list'], 'Which of the two elements is shown.'),
  page('theme', Object.keys(themes), 'A set of custom properties.'),
  page('scheme', ['auto', 'light', 'dark'], 'The color scheme of this page.'),
  page('dir', ['ltr', 'rtl'], 'The direction around the elements.'),
  page('lang', languages, 'The language around the elements.'),
];

const page = (name: string, choices: readonly string[], description: string): Control => ({
  ...{ name, purpose: 'page', kind: 'choice', group: 'Try', tags, choices, description },
  initial: choices[0] ?? '',
});

const slot = (tag: Tag, name: string, initial: string, description: string): Control => ({
  ...{ name, purpose: 'slot', kind: 'text', group: groupOf([tag]), tags: [tag], initial },
  description,
});

const groupOf = (having: readonly Tag[]) =>
  having.length > 1 ? 'Both elements' : having[0] === 'pica-connect-button' ? 'Button' : 'List';

const slotControls = [
  slot('pica-connect-button', 'label', '', 'Its content. Without one it has a label of its own.'),
  slot('pica-connections-list', 'heading', '', 'In the slot `heading`.'),
  slot('pica-connections-list', 'empty', '', 'In the slot `empty`, for when nothing is connected.'),
];

/** Groups the members of all elements by name, with the elements that have them. */
function groupByName<Member extends { name: string }>(of: (declaration: Declared) => Member[]) {
  const members = new Map<string, { member: Member; tags: Tag[] }>();
  for (const [tag, declaration] of declared) {
    for (const member of of(declaration)) {
      const known = members.get(member.name);
      if (known) known.tags.push(tag);
      else members.set(member.name, { member, tags: [tag] });
    }
  }
  return [...members.values()];
}

const propertyControls = (): Control[] =>
  groupByName(({ cssProperties }) => cssProperties ?? []).map(({ member, tags: having }) => ({
    name: member.name,
    purpose: 'property',
    // The manifest has no syntax for custom properties. The descriptions of colors say so.
    kind: /\bcolor\b/i.test(member.description ?? '') ? 'color' : 'length',
    group: 'Looks',
    tags: having,
    initial: '',
    description: member.description ?? '',
  }));

const attributeControls = (): Control[] =>
  groupByName(({ attributes }) => attributes ?? []).map(({ member, tags: having }) => {
    const { name, description = '', type } = member;
    const choices = choicesIn(type?.text);
    return {
      name,
      purpose: 'attribute',
      kind: kindOf(type?.text, choices),
      group: groupOf(having),
      tags: having,
      initial: hostAddresses[name] ?? withoutNull(member.default).replaceAll("'", ''),
      description,
      ...(choices && { choices }),
    };
  });

const withoutNull = (value = '') => (value === 'null' || value === 'false' ? '' : value);

/** Returns the values of a type like `'auto' | 'off'`, or undefined for any other type. */
function choicesIn(type = ''): string[] | undefined {
  const parts = type.split(/\s*\|\s*/);
  const texts = parts.map((part) => /^'(.+)'$/.exec(part)?.[1]);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

function kindOf(type = '', choices?: string[]): Kind {
  if (choices) return 'choice';
  if (type === 'boolean') return 'switch';
  if (type === 'number') return 'number';
  return type.startsWith('HeadersOption') ? 'json' : 'text';
}
