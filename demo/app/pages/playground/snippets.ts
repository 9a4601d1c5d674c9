import type { Attribute, ElementSettings } from './element-settings.js';

/** The state of the playground, from which snippets are written. */
export interface SnippetInput {
  elements: ElementSettings[];
  properties: Record<string, string>;
  lang: string;
  dir: string;
  scheme: string;
}

/** A way to use the elements, and the function that writes its code. */
export interface Snippet {
  name: string;
  write: (input: SnippetInput) => string;
}

const maxLineLength = 88;

/** Returns a tag with its attributes, on one line if they fit. */
function tagWith(name: string, attributes: string[], content: string[] = []): string {
  const line = `<${[name, ...attributes].join(' ')}>`;
  const start =
    line.length <= maxLineLength
      ? line
      : `<${name}${attributes.map((a) => `\n  ${a}`).join('')}\n>`;
  if (content.length === 0) return `${start}</${name}>`;
  const flat = `${start}${content.join('')}</${name}>`;
  if (content.length === 1 && !content[0]?.startsWith('<') && flat.length <= maxLineLength)
    return flat;
  return `${start}\n${indent(content.join('\n'))}\n</${name}>`;
}

const indent = (text: string, by = 2) => text.replace(/^(?=.)/gm, ' '.repeat(by));

/** Returns the style rule for the custom properties, or an empty string if there are none. */
function rule(selector: string, { properties, scheme }: SnippetInput): string {
  const lines = Object.entries(properties).map(([name, value]) => `${name}: ${value};`);
  if (scheme !== 'auto') lines.unshift(`color-scheme: ${scheme};`);
  return lines.length > 0 ? `${selector} {\n${indent(lines.join('\n'))}\n}` : '';
}

const selectorOf = ({ elements: subjects }: SnippetInput) =>
  subjects.map(({ tag }) => tag).join(',\n');

const paragraphs = (...parts: string[]) => `${parts.filter(Boolean).join('\n\n')}\n`;

/** Escapes text for HTML. */
const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** Escapes text for templates in which braces, backticks and other signs have a meaning. */
const escapeTemplate = (text: string) =>
  escapeHtml(text).replace(/[{}@`\\$]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const slotContent = (element: ElementSettings, escape: (text: string) => string) =>
  element.slots.map(({ name, text }) => {
    if (name === 'label') return escape(text);
    const tag = name === 'heading' ? 'h2' : 'span';
    return `<${tag} slot="${name}">${escape(text)}</${tag}>`;
  });

/** The attributes that come from the page instead of the element's own settings. */
const pageAttributes = ({ lang, dir }: SnippetInput) => [
  ...(lang === 'en' ? [] : [`lang="${lang}"`]),
  ...(dir === 'ltr' ? [] : [`dir="${dir}"`]),
];

/** Returns all elements as tags, with attributes in the syntax of a framework. */
const elementTags = (
  input: SnippetInput,
  attribute: (attribute: Attribute) => string,
  escape: (text: string) => string,
) =>
  input.elements
    .map((element) =>
      tagWith(
        element.tag,
        [...element.attributes.map(attribute), ...pageAttributes(input)],
        slotContent(element, escape),
      ),
    )
    .join('\n');

const htmlAttribute = ({ name, kind, value }: Attribute) =>
  kind === 'switch' ? name : `${name}="${escapeHtml(value)}"`;

/** Writes attributes with a framework's binding for numbers. Everything else is text. */
const bindNumbers =
  (number: (name: string, value: string) => string) =>
  ({ name, kind, value }: Attribute) => {
    if (kind === 'switch') return name;
    return kind === 'number' ? number(name, value) : `${name}="${escapeTemplate(value)}"`;
  };

/** Imports for a bundler. */
const writeImports = ({ lang }: SnippetInput, ...others: string[]) =>
  ['pica-connect', ...(lang === 'en' ? [] : [`pica-connect/locales/${lang}`]), ...others]
    .map((module) => `import '${module}';`)
    .join('\n');

const styleTag = (css: string) => css && `<style>\n${indent(css)}\n</style>`;

function writeHtml(input: SnippetInput): string {
  const script = '<script src="https://cdn.example/pica-connect.min.js" defer></script>';
  return paragraphs(
    script,
    styleTag(rule(selectorOf(input), input)),
    elementTags(input, htmlAttribute, escapeHtml),
  );
}

function writeReact(input: SnippetInput): string {
  const components = input.elements.map(({ tag }) => componentName(tag));
  const locale = input.lang === 'en' ? '' : `import 'pica-connect/locales/${input.lang}';\n`;
  const css = rule(selectorOf(input), input);
  const elements = input.elements.map((element) =>
    tagWith(
      componentName(element.tag),
      [...element.attributes.map(reactProp).filter(Boolean), ...pageAttributes(input)],
      slotContent(element, escapeJsx),
    ),
  );
  const content = [...(css ? [`<style>{\`\n${indent(css)}\n\`}</style>`] : []), ...elements];
  return paragraphs(
    `${locale}import { ${components.join(', ')} } from 'pica-connect/react';`,
    `export function Connections() {\n  return (\n    <>\n${indent(content.join('\n'), 6)}\n    </>\n  );\n}`,
  );
}

const camelCase = (name: string) =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const componentName = (tag: string) => camelCase(`-${tag}`);

const escapeJsx = (text: string) =>
  /^[^{}<>&"'\\\n]+$/.test(text) ? text : `{${JSON.stringify(text)}}`;

function reactProp({ name, kind, value }: Attribute): string {
  const prop = camelCase(name);
  if (kind === 'switch') return prop;
  if (kind === 'number') return `${prop}={${value}}`;
  if (kind !== 'json') {
    const isPlain = /^[^{}<>&"'\\\n]*$/.test(value);
    return isPlain ? `${prop}="${value}"` : `${prop}={${JSON.stringify(value)}}`;
  }
  try {
    return `${prop}={${JSON.stringify(JSON.parse(value))}}`;
  } catch {
    // Not valid JSON, so the property can't have this value.
    return '';
  }
}

function writeVue(input: SnippetInput): string {
  const script = `<script setup lang="ts">\n${writeImports(input, 'pica-connect/vue')}\n</script>`;
  const elements = elementTags(
    input,
    bindNumbers((name, value) => `:${name}="${value}"`),
    escapeTemplate,
  );
  const css = rule(selectorOf(input), input);
  return paragraphs(
    script,
    `<template>\n${indent(elements)}\n</template>`,
    css && `<style>\n${css}\n</style>`,
  );
}

function writeAngular(input: SnippetInput): string {
  const elements = elementTags(
    input,
    bindNumbers((name, value) => `[${name}]="${value}"`),
    escapeTemplate,
  );
  const css = rule(selectorOf(input), input);
  const styles = css && `\n  styles: \`\n${indent(css, 4)}\n  \`,`;
  return paragraphs(
    `import { Component, CUSTOM_ELEMENTS_SCHEMA } from '@angular/core';\n${writeImports(input)}`,
    `@Component({
  selector: 'app-connections',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: \`\n${indent(elements, 4)}\n  \`,${styles}
})
export class Connections {}`,
  );
}

function writeSvelte(input: SnippetInput): string {
  const elements = elementTags(
    input,
    bindNumbers((name, value) => `${name}={${value}}`),
    escapeTemplate,
  );
  return paragraphs(
    `<script lang="ts">\n${indent(writeImports(input))}\n</script>`,
    elements,
    styleTag(rule(selectorOf(input), input)),
  );
}

const dataAttribute = ({ name, kind, value }: Attribute) =>
  kind === 'switch' ? `data-${name}=""` : `data-${name}="${escapeHtml(value)}"`;

/** Attributes that belong on the script tag, so that authors of posts can't change them. */
const isForPage = ({ name }: Attribute) =>
  /^(token|connections|base|image)-url$|-headers$|^identity$/.test(name);

/** For editors that strip unknown tags. The one-file build replaces the placeholders with elements. */
function writeWordPress(input: SnippetInput): string {
  const allAttributes = input.elements.flatMap(({ attributes }) => attributes);
  const script = tagWith('script', [
    'src="https://cdn.example/pica-connect.min.js"',
    ...new Set(allAttributes.filter(isForPage).map(dataAttribute)),
    'data-placeholders=""',
    'defer',
  ]);
  const elements = input.elements.map((element) =>
    tagWith(
      'div',
      [
        `data-pica-connect="${element.tag === 'pica-connect-button' ? 'button' : 'list'}"`,
        ...element.attributes
          .filter((attribute) => !isForPage(attribute) && attribute.name !== 'value')
          .map(dataAttribute),
        ...pageAttributes(input),
      ],
      slotContent(element, escapeHtml),
    ),
  );
  return paragraphs(script, styleTag(rule('[data-pica-connect]', input)), elements.join('\n'));
}

export const snippets: Snippet[] = [
  { name: 'HTML', write: writeHtml },
  { name: 'React', write: writeReact },
  { name: 'Vue', write: writeVue },
  { name: 'Angular', write: writeAngular },
  { name: 'Svelte', write: writeSvelte },
  { name: 'WordPress', write: writeWordPress },
];
