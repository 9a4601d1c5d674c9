import type { Finding } from '../finding.js';
import type { Locale } from '../localization/locale.js';
import { fill } from '../localization/strings.js';
import { docsOf } from './docs.js';
import { reportStrings } from './report-strings.js';
import { safeDocument } from '../hardening/safe-document.js';

type Texts = Record<keyof typeof reportStrings, string>;

export interface Report {
  findings: readonly Finding[];
  note: string;
  /** Looks at everything, and has it shown. */
  check: () => Promise<void>;
  /** Of the element. English does not bring the texts of this. */
  locale: Locale;
}

/** What is found is said in English, also where the page is written from right to left. */
const english = { lang: 'en', dir: 'ltr' };

/** Without a style element, which a Content-Security-Policy may forbid. */
const styles = `
  /* As wide as it is without this beside it. */
  [part='button']:has(~ .debug) {
    align-self: start;
    width: auto;
  }
  .debug {
    display: block;
    box-sizing: border-box;
    width: auto;
    min-width: min(20rem, 100%);
    max-width: 40rem;
    margin-block-start: 0.75em;
    padding: 0.75em 1em;
    border: 1px dashed var(--danger);
    border-radius: 0.5em;
    background: var(--surface);
    color: var(--text);
    font-size: 0.875rem;
    overflow-wrap: anywhere;
    text-align: start;
  }
  .debug ul { display: grid; gap: 0.75em; margin: 0.75em 0; padding: 0; list-style: none; }
  .debug li { display: grid; grid-template-columns: 1.5em 1fr; place-items: start; gap: 0; min-height: 0; padding: 0; border: 0; }
  .debug li > * { grid-column: 2; margin: 0; }
  .debug li > :first-child { grid-column: 1; grid-row: 1 / 4; font-weight: bold; color: var(--danger); }
  .debug li.ok > :first-child { color: var(--success); }
  .debug .hint { color: var(--muted); }
  .debug a { color: inherit; }
  .debug .controls { display: flex; flex-wrap: wrap; gap: 0.5em; }
  .debug button {
    min-height: 2em;
    padding: 0 0.75em;
    border: 1px solid var(--border);
    border-radius: 0.375em;
    background: none;
    color: inherit;
  }
`;

/** Shows what was found, in words for whoever edits the page. */
export function showReport(place: HTMLElement, { findings, note, check, locale }: Report): void {
  const root = place.getRootNode();
  // The place goes with `debug`, which may be over by now.
  if (!(root instanceof ShadowRoot)) return;
  adoptStyles(root);
  const texts = { ...reportStrings, ...locale.strings };
  const bad = findings.filter(({ ok }) => !ok).length;
  const summary = create('strong', { dir: 'auto' }, summaryOf(findings.length, bad, texts, locale));
  const list = create('ul', { role: 'list' }, ...findings.map((finding) => itemOf(finding, texts)));
  const controls = create('div', { class: 'controls' }, checkButton(check, texts));
  if (findings.length > 0) controls.append(copyButton(findings, texts));
  place.replaceChildren(summary, list, controls);
  if (note) list.before(create('p', {}, note));
}

function summaryOf(all: number, wrong: number, texts: Texts, { language }: Locale): string {
  if (all === 0) return texts.debugIsOn;
  return wrong === 0 ? texts.debugNothingWrong : fill(texts.debugWrongOf, { wrong, all }, language);
}

function itemOf({ code, ok, message, hint }: Finding, texts: Texts): HTMLElement {
  const address = ok ? undefined : docsOf(code);
  const more = address
    ? [' ', create('a', { href: address, target: '_blank', rel: 'noreferrer' }, code)]
    : [];
  return create(
    'li',
    { class: ok ? 'ok' : 'bad' },
    create(
      'span',
      { role: 'img', 'aria-label': ok ? texts.debugGood : texts.debugWrong },
      ok ? '✓' : '✗',
    ),
    create('p', english, message),
    create('p', { class: 'hint', ...english }, hint, ...more),
  );
}

/** As it can be pasted into a ticket. */
export function textOf(findings: readonly Finding[]): string {
  return findings
    .map(({ code, ok, message, hint }) =>
      `${ok ? 'ok ' : 'BAD'} ${code}: ${message} ${hint}`.trim(),
    )
    .join('\n');
}

function copyButton(findings: readonly Finding[], texts: Texts): HTMLElement {
  const button = create('button', { type: 'button' }, texts.debugCopy);
  button.addEventListener('click', () => {
    void copy(findings).then(
      () => (button.textContent = texts.debugCopied),
      () => (button.textContent = texts.debugNotCopied),
    );
  });
  return button;
}

/**
 * Copies what goes into a ticket, without the part of the page's address that may be secret.
 * @returns rejects as well where there is no clipboard: a page at http has none.
 */
async function copy(findings: readonly Finding[]): Promise<void> {
  const { origin, pathname } = location;
  await navigator.clipboard.writeText(
    `${origin}${pathname}\n${navigator.userAgent}\n${textOf(findings)}`,
  );
}

function checkButton(check: () => Promise<void>, texts: Texts): HTMLElement {
  const button = create('button', { type: 'button' }, texts.debugCheck);
  button.addEventListener('click', () => {
    button.textContent = texts.debugChecking;
    void check();
  });
  return button;
}

function create(
  name: string,
  attributes: Record<string, string>,
  ...children: (Node | string)[]
): HTMLElement {
  const element = safeDocument.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    element.setAttribute(attribute, value);
  }
  element.append(...children);
  return element;
}

let sheet: CSSStyleSheet | undefined;

function adoptStyles(root: ShadowRoot): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) {
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
}
