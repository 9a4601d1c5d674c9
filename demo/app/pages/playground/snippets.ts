import type { Attribute, Subject } from './subject.js';

/** What a snippet is made from. */
export interface Shown {
  subjects: Subject[];
  properties: Record<string, string>;
  lang: string;
  dir: string;
  scheme: string;
}

/** A way to use the elements, and how it is written. */
export interface Snippet {
  name: string;
  write: (shown: Shown) => string;
}

const longest = 88;

/** A tag with its attributes, on one line where there is room. */
function tagged(name: string, attributes: string[], content: string[] = []): string {
  const line = `<${[name, ...attributes].join(' ')}>`;
  const start =
    line.length <= longest ? line : `<${name}${attributes.map((a) => `\n  ${a}`).join('')}\n>`;
  if (content.length === 0) return `${start}</${name}>`;
  const flat = `${start}${content.join('')}</${name}>`;
  if (content.length === 1 && !content[0]?.startsWith('<') && flat.length <= longest) return flat;
  return `${start}\n${indented(content.join('\n'))}\n</${name}>`;
}

const indented = (text: string, by = 2) => text.replace(/^(?=.)/gm, ' '.repeat(by));

/** The style rule of the custom properties; nothing where there is nothing to set. */
function rule(selector: string, { properties, scheme }: Shown): string {
  const lines = Object.entries(properties).map(([name, value]) => `${name}: ${value};`);
  if (scheme !== 'auto') lines.unshift(`color-scheme: ${scheme};`);
  return lines.length > 0 ? `${selector} {\n${indented(lines.join('\n'))}\n}` : '';
}

const selectorOf = ({ subjects }: Shown) => subjects.map(({ tag }) => tag).join(',\n');

const paragraphs = (...parts: string[]) => `${parts.filter(Boolean).join('\n\n')}\n`;

/** As text or attribute of HTML, where braces mean nothing. */
const html = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The same for templates that take braces, or the quotes around them, for their own. */
const template = (text: string) =>
  html(text).replace(/[{}@`\\$]/g, (sign) => `&#${sign.charCodeAt(0)};`);

const slotted = (subject: Subject, escape: (text: string) => string) =>
  subject.slots.map(({ name, text }) => {
    if (name === 'label') return escape(text);
    const tag = name === 'heading' ? 'h2' : 'span';
    return `<${tag} slot="${name}">${escape(text)}</${tag}>`;
  });

/** What the page around the elements would say of them. */
const around = ({ lang, dir }: Shown) => [
  ...(lang === 'en' ? [] : [`lang="${lang}"`]),
  ...(dir === 'ltr' ? [] : [`dir="${dir}"`]),
];

/** The elements by their tags, with attributes as this kind of template has them. */
const written = (
  shown: Shown,
  attribute: (attribute: Attribute) => string,
  escape: (text: string) => string,
) =>
  shown.subjects
    .map((subject) =>
      tagged(
        subject.tag,
        [...subject.attributes.map(attribute), ...around(shown)],
        slotted(subject, escape),
      ),
    )
    .join('\n');

const inHtml = ({ name, kind, value }: Attribute) =>
  kind === 'switch' ? name : `${name}="${html(value)}"`;

/** By a framework's way to bind a number; all else is text. */
const bound =
  (number: (name: string, value: string) => string) =>
  ({ name, kind, value }: Attribute) => {
    if (kind === 'switch') return name;
    return kind === 'number' ? number(name, value) : `${name}="${template(value)}"`;
  };

/** Modules that a bundler takes in. */
const imports = ({ lang }: Shown, ...others: string[]) =>
  ['pica-connect', ...(lang === 'en' ? [] : [`pica-connect/locales/${lang}`]), ...others]
    .map((module) => `import '${module}';`)
    .join('\n');

const style = (css: string) => css && `<style>\n${indented(css)}\n</style>`;

function writeHtml(shown: Shown): string {
  const script = '<script src="https://cdn.example/pica-connect.min.js" defer></script>';
  return paragraphs(script, style(rule(selectorOf(shown), shown)), written(shown, inHtml, html));
}

function writeReact(shown: Shown): string {
  const components = shown.subjects.map(({ tag }) => componentOf(tag));
  const locale = shown.lang === 'en' ? '' : `import 'pica-connect/locales/${shown.lang}';\n`;
  const css = rule(selectorOf(shown), shown);
  const elements = shown.subjects.map((subject) =>
    tagged(
      componentOf(subject.tag),
      [...subject.attributes.map(inReact).filter(Boolean), ...around(shown)],
      slotted(subject, jsx),
    ),
  );
  const content = [...(css ? [`<style>{\`\n${indented(css)}\n\`}</style>`] : []), ...elements];
  return paragraphs(
    `${locale}import { ${components.join(', ')} } from 'pica-connect/react';`,
    `export function Connections() {\n  return (\n    <>\n${indented(content.join('\n'), 6)}\n    </>\n  );\n}`,
  );
}

const camel = (name: string) => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const componentOf = (tag: string) => camel(`-${tag}`);

const jsx = (text: string) => (/^[^{}<>&"'\\\n]+$/.test(text) ? text : `{${JSON.stringify(text)}}`);

function inReact({ name, kind, value }: Attribute): string {
  const prop = camel(name);
  if (kind === 'switch') return prop;
  if (kind === 'number') return `${prop}={${value}}`;
  if (kind !== 'json') {
    const isPlain = /^[^{}<>&"'\\\n]*$/.test(value);
    return isPlain ? `${prop}="${value}"` : `${prop}={${JSON.stringify(value)}}`;
  }
  try {
    return `${prop}={${JSON.stringify(JSON.parse(value))}}`;
  } catch {
    // No object, so nothing that could be given to the property.
    return '';
  }
}

function writeVue(shown: Shown): string {
  const script = `<script setup lang="ts">\n${imports(shown, 'pica-connect/vue')}\n</script>`;
  const elements = written(
    shown,
    bound((name, value) => `:${name}="${value}"`),
    template,
  );
  const css = rule(selectorOf(shown), shown);
  return paragraphs(
    script,
    `<template>\n${indented(elements)}\n</template>`,
    css && `<style>\n${css}\n</style>`,
  );
}

function writeAngular(shown: Shown): string {
  const elements = written(
    shown,
    bound((name, value) => `[${name}]="${value}"`),
    template,
  );
  const css = rule(selectorOf(shown), shown);
  const styles = css && `\n  styles: \`\n${indented(css, 4)}\n  \`,`;
  return paragraphs(
    `import { Component, CUSTOM_ELEMENTS_SCHEMA } from '@angular/core';\n${imports(shown)}`,
    `@Component({
  selector: 'app-connections',
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: \`\n${indented(elements, 4)}\n  \`,${styles}
})
export class Connections {}`,
  );
}

function writeSvelte(shown: Shown): string {
  const elements = written(
    shown,
    bound((name, value) => `${name}={${value}}`),
    template,
  );
  return paragraphs(
    `<script lang="ts">\n${indented(imports(shown))}\n</script>`,
    elements,
    style(rule(selectorOf(shown), shown)),
  );
}

const asData = ({ name, kind, value }: Attribute) =>
  kind === 'switch' ? `data-${name}=""` : `data-${name}="${html(value)}"`;

/** What is said once, on the script tag, and not by everybody who writes a post. */
const isForPage = ({ name }: Attribute) =>
  /^(token|connections|base|image)-url$|-headers$|^identity$/.test(name);

/** For editors that strip tags they do not know; the one-file build fills them in. */
function writeWordPress(shown: Shown): string {
  const all = shown.subjects.flatMap(({ attributes }) => attributes);
  const script = tagged('script', [
    'src="https://cdn.example/pica-connect.min.js"',
    ...new Set(all.filter(isForPage).map(asData)),
    'data-placeholders=""',
    'defer',
  ]);
  const elements = shown.subjects.map((subject) =>
    tagged(
      'div',
      [
        `data-pica-connect="${subject.tag === 'pica-connect-button' ? 'button' : 'list'}"`,
        ...subject.attributes
          .filter((attribute) => !isForPage(attribute) && attribute.name !== 'value')
          .map(asData),
        ...around(shown),
      ],
      slotted(subject, html),
    ),
  );
  return paragraphs(script, style(rule('[data-pica-connect]', shown)), elements.join('\n'));
}

export const snippets: Snippet[] = [
  { name: 'HTML', write: writeHtml },
  { name: 'React', write: writeReact },
  { name: 'Vue', write: writeVue },
  { name: 'Angular', write: writeAngular },
  { name: 'Svelte', write: writeSvelte },
  { name: 'WordPress', write: writeWordPress },
];
