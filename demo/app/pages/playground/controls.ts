import manifest from '../../../../custom-elements.json' with { type: 'json' };
import { simulations } from '../../../sandbox/browser/simulations.js';
import { themes } from './themes.js';

export const tags = ['pica-connect-button', 'pica-connections-list'] as const;
export type Tag = (typeof tags)[number];

/** What a control is for: an attribute, a custom property or a slot of the elements, or the page itself. */
export type Purpose = 'attribute' | 'property' | 'slot' | 'page';

export type Kind = 'choice' | 'switch' | 'number' | 'text' | 'json' | 'color' | 'length';

/** One thing that can be set, and all that the page knows of it. */
export interface Control {
  /** Also its name in the page's address. */
  name: string;
  purpose: Purpose;
  kind: Kind;
  group: string;
  /** The elements that have it. */
  tags: readonly Tag[];
  /** What it is when nobody has set it; an empty text stands for an attribute that is not there. */
  initial: string;
  description: string;
  /** What can be chosen. */
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
 * The addresses of the sandbox, as a host's own would be. The page gives the elements the sandbox's in their
 * place, and the snippets show these.
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

/** Every control of the page, in the order in which it shows them. */
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

/** The members of all elements by name, with the elements that have each. */
function gathered<Member extends { name: string }>(of: (declaration: Declared) => Member[]) {
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
  gathered(({ cssProperties }) => cssProperties ?? []).map(({ member, tags: having }) => ({
    name: member.name,
    purpose: 'property',
    // The manifest has no syntax for them; its words say which are colors.
    kind: /\bcolor\b/i.test(member.description ?? '') ? 'color' : 'length',
    group: 'Looks',
    tags: having,
    initial: '',
    description: member.description ?? '',
  }));

const attributeControls = (): Control[] =>
  gathered(({ attributes }) => attributes ?? []).map(({ member, tags: having }) => {
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

/** The texts of a type like `'auto' | 'off'`; nothing for any other type. */
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
