import { stripVTControlCharacters, styleText } from 'node:util';
import { errorPageUrl } from '../../diagnosis/error-page-url.js';
import type { DoctorOptions } from './arguments.js';
import { describeBody } from './describe-body.js';
import { withoutSecrets, type SeenFinding } from './diagnose.js';
import type { Exchange } from './requests.js';

/** The only headers of an answer that are shown: others may contain secrets. */
const shownHeaders =
  /^(access-control-[\w-]+|allow|content-type|cross-origin-resource-policy|location|vary)$/;

/** An exchange without anything secret. */
interface ShownExchange {
  method: string;
  origin: string;
  status: number | null;
  milliseconds: number;
  server: string | null;
  trouble: string | null;
  headers: Record<string, string>;
  body: string | null;
}

export interface Report {
  url: string;
  ok: boolean;
  exchanges: ShownExchange[];
  findings: (SeenFinding & { docs?: string })[];
}

/** Creates the report. It never contains the value of a header that was sent. */
export function createReport(
  { url, headers }: DoctorOptions,
  exchanges: readonly Exchange[],
  findings: readonly SeenFinding[],
): Report {
  const safe = (text: string, shortest = 4): string =>
    Object.values(headers)
      // Replacing a short value, such as "1", would spoil every number.
      .filter(({ length }) => length >= shortest)
      .reduce(
        (rest, secret) => rest.replaceAll(secret, '…'),
        // A server's text must not be able to control the terminal.
        stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}]/gu, ' '),
      );
  /** For the elements' texts: a short value may be a word in them. */
  const safeSentence = (text: string) => safe(text, 8);
  return {
    url: safe(withoutSecrets(url.href)),
    ok: findings.every(({ ok }) => ok),
    exchanges: exchanges.map(({ method, origin, status, milliseconds, ...rest }) => ({
      ...{ method, origin, status: status ?? null, milliseconds },
      server: rest.server ?? null,
      trouble: rest.trouble ?? null,
      headers: Object.fromEntries(
        Object.entries(rest.headers)
          .filter(([name]) => shownHeaders.test(name))
          .map(([name, value]) => [
            name,
            safe(name === 'location' ? withoutSecrets(value) : value),
          ]),
      ),
      body: status === undefined || method === 'OPTIONS' ? null : safe(describeBody(rest.text)),
    })),
    findings: findings.map(({ code, ok, message, hint, seen }) => ({
      ...{ code, ok, message: safeSentence(message), hint: safeSentence(hint), seen: safe(seen) },
      ...(!ok && { docs: errorPageUrl(code) }),
    })),
  };
}

/** Formats the report for a terminal. */
export function formatReport({ url, exchanges, findings }: Report, hasColor: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    hasColor ? styleText(style, text) : text;
  const isSuccess = (status: number | null) => status !== null && status >= 200 && status < 300;
  const lines = [paint('bold', url), ''];
  for (const {
    method,
    origin,
    status,
    milliseconds,
    server,
    trouble,
    headers,
    body,
  } of exchanges) {
    const outcome = paint(isSuccess(status) ? 'green' : 'red', String(status ?? 'no answer'));
    lines.push(
      `${paint('bold', method)} ${outcome} in ${milliseconds} ms ${paint('dim', `as ${origin}`)}`,
      ...[trouble, server && `from ${server}`].filter(Boolean).map((text) => `    ${text}`),
      ...Object.entries(headers).map(([name, value]) => `    ${paint('dim', `${name}:`)} ${value}`),
      ...(body === null ? [] : [`    ${paint('dim', 'body:')} ${body}`]),
      '',
    );
  }
  for (const { code, ok, message, hint, seen, docs } of findings) {
    const mark = ok ? paint('green', '✓') : paint('red', '✗');
    lines.push(`${mark} ${paint(ok ? 'dim' : 'bold', code)}  ${message}`);
    for (const text of [seen, hint]) if (text) lines.push(`    ${text}`);
    if (docs) lines.push(`    ${paint('dim', docs)}`);
  }
  const failures = findings.filter(({ ok }) => !ok).length;
  lines.push(
    '',
    failures === 0
      ? paint('green', 'No problems found.')
      : paint('red', `Failed checks: ${failures} of ${findings.length}.`),
  );
  return lines.join('\n');
}
