import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

/*
 * npm run build -- manifest  writes a page for each element into demo/docs/reference, from custom-elements.json
 * npm run check -- manifest  writes nothing, and fails if a page is out of date (--check)
 */

/** The parts of a manifest that are read here. github.com/webcomponents/custom-elements-manifest has its format. */
interface Named {
  name: string;
  description?: string;
}
interface Member extends Named {
  kind: 'field' | 'method';
  privacy?: string;
  static?: boolean;
  readonly?: boolean;
  parameters?: { name: string }[];
  return?: { description?: string };
}
interface CustomElement {
  tagName: string;
  description: string;
  members: Member[];
  attributes: (Named & { fieldName: string })[];
  events: (Named & { type: { text: string } })[];
  slots?: Named[];
  cssParts?: Named[];
  cssProperties?: Named[];
  cssStates?: Named[];
}
interface Manifest {
  modules: { declarations: (CustomElement | object)[] }[];
}

/** The pages that say more about an option than fits into its row. */
const moreAbout: Record<string, [title: string, page: string]> = {
  tokenUrl: ['Backends', '../backends/README.md'],
  tokenHeaders: ['Security', '../security.md'],
  connectionsUrl: ['Saving connections', '../saving.md'],
  identity: ['The outbox', '../saving.md#the-outbox'],
  tokenCheck: ['Troubleshooting', '../troubleshooting.md'],
  debug: ['Troubleshooting', '../troubleshooting.md'],
  appearance: ['Theming', '../theming.md'],
  preload: ['Preloading', '../preloading.md'],
  check: ['Troubleshooting', '../troubleshooting.md'],
};

const root = new URL('../', import.meta.url);
const folder = new URL('demo/docs/reference/', root);

function pageOf(element: CustomElement): string {
  const attributeOf = ({ name }: Member) =>
    element.attributes.find(({ fieldName }) => fieldName === name)?.name;
  const kindOf = (field: Member) =>
    [!attributeOf(field) && 'property', field.readonly && 'read-only'].filter(Boolean).join(', ');
  const members = element.members.filter(isPublic);
  const fields = members.filter(({ kind }) => kind === 'field');
  const methods = members.filter(({ kind }) => kind === 'method');
  return [
    '<!-- Written by npm run build -- manifest, from the comments in src/. -->',
    `# ${element.tagName}`,
    element.description,
    ...table(
      'Attributes and properties',
      [...fields.filter(attributeOf), ...fields.filter((field) => !attributeOf(field))].map(
        (field) => [
          [...new Set([attributeOf(field) ?? field.name, field.name])],
          field,
          kindOf(field),
        ],
      ),
      'The first name is the attribute, the second the property. A single name is both, unless the row says otherwise.',
    ),
    ...table(
      'Methods',
      methods.map((method) => {
        const parameters = method.parameters?.map(({ name }) => name).join(', ') ?? '';
        const returns = method.return?.description;
        const verb = /^(when|once)\b/.test(returns ?? '') ? 'Resolves' : 'Returns';
        const description = [method.description, returns && `\n\n${verb} ${returns}`].join('');
        return [[`${method.name}(${parameters})`], { ...method, description }];
      }),
    ),
    ...table(
      'Events',
      element.events.filter(hasDescription).map((event) => [[event.name, event.type.text], event]),
      'Each has a class with a typed `detail`: [Events](../events.md).',
    ),
    ...table('Slots', byName(element.slots)),
    ...table(
      'Parts',
      byName(element.cssParts),
      'Style them with `::part()`: [Theming](../theming.md).',
    ),
    ...table('Custom properties', byName(element.cssProperties)),
    ...table('Custom states', byName(element.cssStates)),
  ].join('\n\n');
}

function hasDescription({ description }: Named): boolean {
  return Boolean(description);
}

/** Form callbacks are public because the browser calls them. Members without a description are internal. */
function isPublic(member: Member): boolean {
  return (
    hasDescription(member) &&
    !member.static &&
    (member.privacy ?? 'public') === 'public' &&
    !/^form\w+Callback$/.test(member.name)
  );
}

type Row = [names: string[], described: Named, kind?: string];

function byName(list: Named[] = []): Row[] {
  return list.map((one) => [[one.name], one]);
}

function table(heading: string, rows: Row[], note?: string): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(([names, described, kind]) => {
    const cell = names.map((name) => (name ? `\`${name}\`` : 'default'));
    return `| ${[...cell, ...(kind ? [kind] : [])].join('<br>')} | ${meaningOf(described)} |`;
  });
  return [
    `## ${heading}`,
    ...(note === undefined ? [] : [note]),
    ['| name | meaning |', '| --- | --- |', ...lines].join('\n'),
  ];
}

/** Puts the description into one line, because a Markdown table needs that. */
function meaningOf({ name, description = '' }: Named): string {
  const text = description
    .trim()
    .replace(/\n{2,}/g, '<br>')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/(?<!\\)\|/g, '\\|');
  const more = moreAbout[name];
  return more ? `${text} [${more[0]}](${more[1]})` : text;
}

const manifest = JSON.parse(
  readFileSync(new URL('custom-elements.json', root), 'utf8'),
) as Manifest;
const pages = manifest.modules
  .flatMap(({ declarations }) => declarations)
  .filter((declaration): declaration is CustomElement => 'customElement' in declaration)
  .map((element) => ({
    file: new URL(`${element.tagName}.md`, folder),
    text: `${pageOf(element)}\n`,
  }));

if (process.argv.includes('--check')) {
  const stale = pages.filter(({ file, text }) => {
    try {
      return readFileSync(file, 'utf8') !== text;
    } catch {
      return true;
    }
  });
  for (const { file } of stale) {
    console.error(
      `${file.pathname} is out of date. Run npm run build -- manifest, and commit the result.`,
    );
  }
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  mkdirSync(folder, { recursive: true });
  for (const { file, text } of pages) writeFileSync(file, text);
}
