import { readFileSync } from 'node:fs';

/** What is read here of a custom elements manifest; all of it: github.com/webcomponents/custom-elements-manifest. */
interface Described {
  name: string;
  description?: string;
}
interface Member extends Described {
  kind: 'field' | 'method';
  privacy?: string;
  readonly?: boolean;
  type?: { text: string };
  parameters?: { name: string }[];
}
interface CustomElement {
  tagName: string;
  description: string;
  members: Member[];
  attributes: (Described & { fieldName: string })[];
  events: (Described & { type: { text: string } })[];
  slots: Described[];
  cssParts: Described[];
  cssProperties: Described[];
}
interface Manifest {
  modules: { declarations: (CustomElement | object)[] }[];
}

/** A page for each element, written from custom-elements.json, which is made from the sources. */
export default {
  watch: ['../../../custom-elements.json'],
  paths: () =>
    elements().map((element) => ({
      params: { element: element.tagName },
      content: pageOf(element),
    })),
};

const manifest = new URL('../../../custom-elements.json', import.meta.url);

function elements(): CustomElement[] {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as Manifest).modules
    .flatMap(({ declarations }) => declarations)
    .filter((declaration): declaration is CustomElement => 'customElement' in declaration);
}

function pageOf(element: CustomElement): string {
  const members = element.members.filter(isPublic);
  const fields = members.filter((member) => member.kind === 'field');
  const methods = members.filter((member) => member.kind === 'method');
  return [
    `# ${element.tagName}`,
    element.description,
    'Made from the sources, by way of `custom-elements.json`, which is in the package too.',
    ...section(
      'Attributes and properties',
      ['attribute', 'property', 'type', 'meaning'],
      fields.map((field) => {
        const attribute = element.attributes.find(({ fieldName }) => fieldName === field.name);
        return [
          attribute && code(attribute.name),
          code(field.name) + (field.readonly ? ' (read-only)' : ''),
          field.type && code(field.type.text),
          field.description,
        ];
      }),
    ),
    ...section(
      'Methods',
      ['method', 'meaning'],
      methods.map(({ name, parameters = [], description }) => [
        code(`${name}(${parameters.map((parameter) => parameter.name).join(', ')})`),
        description,
      ]),
    ),
    ...section(
      'Events',
      ['event', 'class', 'when'],
      element.events.map(({ name, type, description }) => [
        code(name),
        code(type.text),
        description,
      ]),
    ),
    ...section(
      'Slots',
      ['slot', 'for'],
      element.slots.map(({ name, description }) => [name ? code(name) : 'default', description]),
    ),
    ...section(
      'Parts',
      ['part', 'is'],
      element.cssParts.map(({ name, description }) => [code(name), description]),
    ),
    ...section(
      'Custom properties',
      ['property', 'meaning'],
      element.cssProperties.map(({ name, description }) => [code(name), description]),
    ),
  ].join('\n\n');
}

/** What is said in public: not what only the browser calls, nor what has nothing said about it. */
function isPublic({ privacy, description }: Member): boolean {
  return (
    privacy !== 'private' && Boolean(description) && !description?.startsWith('The browser calls')
  );
}

function section(heading: string, columns: string[], rows: (string | undefined)[][]): string[] {
  if (rows.length === 0) return [];
  const lines = [columns, columns.map(() => '---'), ...rows.map((row) => row.map(cell))];
  return [`## ${heading}`, lines.map((line) => `| ${line.join(' | ')} |`).join('\n')];
}

/** In a table, where a line ends the row and a bar the cell. */
function cell(text = ''): string {
  return text.replace(/\n/g, ' ').replace(/(?<!\\)\|/g, '\\|');
}

function code(text: string): string {
  return `\`${text}\``;
}
