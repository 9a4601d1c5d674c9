import { stripVTControlCharacters, styleText } from 'node:util';
import { docsOf } from '../../diagnosis/docs.js';
import type { Order } from './arguments.js';
import { placeOf, type SeenFinding } from './diagnose.js';
import type { Exchange } from './exchange.js';
import { shapeOf } from './shape.js';

/** The headers of an answer that have to do with all this. Others may hold what is nobody's business. */
const telling =
  /^(access-control-[\w-]+|allow|content-type|cross-origin-resource-policy|location|vary)$/;

/** What a browser does not show, and nothing secret. */
interface Shown {
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
  exchanges: Shown[];
  findings: (SeenFinding & { docs?: string })[];
}

/** All that there is to say, without the value of any header that was sent. */
export function reportOf(
  { url, headers }: Order,
  exchanges: readonly Exchange[],
  findings: readonly SeenFinding[],
): Report {
  const safe = (text: string, shortest = 4): string =>
    Object.values(headers)
      // A short one, such as "1", would take the figures out of everything.
      .filter(({ length }) => length >= shortest)
      .reduce(
        (rest, secret) => rest.replaceAll(secret, '…'),
        // What a server says is not to move a terminal's cursor.
        stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}]/gu, ' '),
      );
  /** The elements' words are about tokens and headers, and a value may be one of them. */
  const inWords = (text: string) => safe(text, 8);
  return {
    url: safe(placeOf(url.href)),
    ok: findings.every(({ ok }) => ok),
    exchanges: exchanges.map(({ method, origin, status, milliseconds, ...rest }) => ({
      ...{ method, origin, status: status ?? null, milliseconds },
      server: rest.server ?? null,
      trouble: rest.trouble ?? null,
      headers: Object.fromEntries(
        Object.entries(rest.headers)
          .filter(([name]) => telling.test(name))
          .map(([name, value]) => [name, safe(name === 'location' ? placeOf(value) : value)]),
      ),
      body: status === undefined || method === 'OPTIONS' ? null : safe(shapeOf(rest.text)),
    })),
    findings: findings.map(({ code, ok, message, hint, seen }) => ({
      ...{ code, ok, message: inWords(message), hint: inWords(hint), seen: safe(seen) },
      ...(!ok && { docs: docsOf(code) }),
    })),
  };
}

/** The report for somebody who reads it in a terminal. */
export function textOf({ url, exchanges, findings }: Report, hasColor: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    hasColor ? styleText(style, text) : text;
  const isFine = (status: number | null) => status !== null && status >= 200 && status < 300;
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
    const outcome = paint(isFine(status) ? 'green' : 'red', String(status ?? 'no answer'));
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
  const wrong = findings.filter(({ ok }) => !ok).length;
  lines.push(
    '',
    wrong === 0
      ? paint('green', 'Nothing is wrong.')
      : paint('red', `Not right: ${wrong} of ${findings.length}.`),
  );
  return lines.join('\n');
}
