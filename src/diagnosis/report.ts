import type { Finding } from '../finding.js';
import { safeDocument } from '../hardening/safe-document.js';
import { debugStrings } from '../localization/debug-strings.js';
import type { Locale } from '../localization/locale.js';
import { interpolate } from '../localization/strings.js';
import { errorPageUrl } from './error-page-url.js';

type DebugStrings = Record<keyof typeof debugStrings, string>;

export interface Report {
  findings: readonly Finding[];
  note: string;
  /** Runs all checks and shows their findings. */
  check: () => Promise<void>;
  /** The element's locale. It may lack the strings of the report, which are English then. */
  locale: Locale;
}

/** Findings are in English, even on a page that is written from right to left. */
const english = { lang: 'en', dir: 'ltr' };

/** Adopted rather than in a style element, which a Content-Security-Policy may forbid. */
const styles = `
  /* Keeps the button as wide as it is without the report. */
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

/** Shows the findings to the developer of the page. */
export function showReport(
  container: HTMLElement,
  { findings, note, check, locale }: Report,
): void {
  const root = container.getRootNode();
  // The container is removed when `debug` is switched off.
  if (!(root instanceof ShadowRoot)) return;
  adoptStyles(root);
  const strings = { ...debugStrings, ...locale.strings };
  const failures = findings.filter(({ ok }) => !ok).length;
  const summary = create(
    'strong',
    { dir: 'auto' },
    summaryOf(findings.length, failures, strings, locale),
  );
  const list = create(
    'ul',
    { role: 'list' },
    ...findings.map((finding) => itemOf(finding, strings)),
  );
  const controls = create('div', { class: 'controls' }, checkButton(check, strings));
  if (findings.length > 0) controls.append(copyButton(findings, strings));
  container.replaceChildren(summary, list, controls);
  if (note) list.before(create('p', {}, note));
}

function summaryOf(
  all: number,
  wrong: number,
  strings: DebugStrings,
  { language }: Locale,
): string {
  if (all === 0) return strings.debugIsOn;
  return wrong === 0
    ? strings.debugNothingWrong
    : interpolate(strings.debugWrongOf, { wrong, all }, language);
}

function itemOf({ code, ok, message, hint }: Finding, strings: DebugStrings): HTMLElement {
  const url = ok ? undefined : errorPageUrl(code);
  const link = url
    ? [' ', create('a', { href: url, target: '_blank', rel: 'noreferrer' }, code)]
    : [];
  return create(
    'li',
    { class: ok ? 'ok' : 'bad' },
    create(
      'span',
      { role: 'img', 'aria-label': ok ? strings.debugGood : strings.debugWrong },
      ok ? '✓' : '✗',
    ),
    create('p', english, message),
    create('p', { class: 'hint', ...english }, hint, ...link),
  );
}

/** Formats the findings as text for a ticket. */
function textOf(findings: readonly Finding[]): string {
  return findings
    .map(({ code, ok, message, hint }) =>
      `${ok ? 'ok ' : 'BAD'} ${code}: ${message} ${hint}`.trim(),
    )
    .join('\n');
}

function copyButton(findings: readonly Finding[], strings: DebugStrings): HTMLElement {
  const button = create('button', { type: 'button' }, strings.debugCopy);
  button.addEventListener('click', () => {
    void copy(findings).then(
      () => (button.textContent = strings.debugCopied),
      () => (button.textContent = strings.debugNotCopied),
    );
  });
  return button;
}

/**
 * Copies the findings for a ticket, without the part of the page's URL that may be secret.
 * @returns rejects if there is no clipboard either, as in a page at http.
 */
async function copy(findings: readonly Finding[]): Promise<void> {
  const { origin, pathname } = location;
  await navigator.clipboard.writeText(
    `${origin}${pathname}\n${navigator.userAgent}\n${textOf(findings)}`,
  );
}

function checkButton(check: () => Promise<void>, strings: DebugStrings): HTMLElement {
  const button = create('button', { type: 'button' }, strings.debugCheck);
  button.addEventListener('click', () => {
    button.textContent = strings.debugChecking;
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
