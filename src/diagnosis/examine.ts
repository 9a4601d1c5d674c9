import { resolveHeaders, resolveRequestHeaders } from '../endpoints/headers.js';
import { fetchRows } from '../endpoints/rows.js';
import { resolveTokenUrl, type TokenCheck } from '../endpoints/token.js';
import { bad, good } from './finding.js';
import type { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { examineAuthKit, examinePage, originOf } from './examine-page.js';
import { examineFrame } from './frame.js';
import { examineHeaders, examineName, goodToken } from './token-findings.js';

/** What is looked at. */
export interface Subject {
  tokenUrl: string | null;
  tokenHeaders: unknown;
  requestHeaders: unknown;
  connectionsUrl: string | null;
  integrationsUrl?: string | null;
  selectedConnection?: string | null;
  identity: string | null;
  outbox: 'auto' | 'off';
}

/** What the element itself knows. */
export interface Means {
  /** The address of AuthKit's page. */
  authkit: string;
  /** Asks the token endpoint anew: who looks wants to know how it is now. */
  askForToken: (url: string, headers: Record<string, string>) => Promise<TokenCheck>;
}

/** Looks at everything that can be looked at from the page. */
export async function examine(subject: Subject, means: Means): Promise<Finding[]> {
  const groups = await Promise.all([
    examineToken(subject, means),
    examineAuthKit(means.authkit),
    examinePage(),
    examineLists(subject),
  ]);
  return [...groups.flat(), ...examineFrame(), ...examineStorage(subject)];
}

async function examineToken(subject: Subject, means: Means): Promise<Finding[]> {
  const findings: Finding[] = [];
  let url: string;
  let headers: Record<string, string>;
  try {
    url = resolveTokenUrl(subject.tokenUrl);
    findings.push(good('token-url-invalid', `token-url is ${url}.`));
    headers = await resolveHeaders(subject.tokenHeaders, 'token-headers');
  } catch (error) {
    return [...findings, bad(error as PicaError)];
  }
  findings.push(examineHeaders(headers));
  const { fault, rows, lacksCors } = await means.askForToken(url, headers);
  if (fault) return [...findings, bad(fault)];
  findings.push(
    goodToken(rows),
    good(
      'token-endpoint-cors',
      lacksCors
        ? "The token endpoint is on this page's origin, and does not show whether AuthKit's may read it."
        : 'The token endpoint lets other origins read its answer, as far as this page can see.',
      lacksCors
        ? `If AuthKit shows an error, let it answer POST and OPTIONS with Access-Control-Allow-Origin: ${originOf(means.authkit)}.`
        : '',
    ),
  );
  const { selectedConnection: name } = subject;
  if (name && rows) findings.push(examineName(rows, name));
  return findings;
}

async function examineLists(subject: Subject): Promise<Finding[]> {
  // A button has none, and may inherit one that the page has put on `Object.prototype`.
  const isForeign = Object.hasOwn(Object.prototype, 'integrationsUrl');
  const integrationsUrl = isForeign ? null : subject.integrationsUrl;
  const sources = [
    ['connections-url', subject.connectionsUrl],
    ['integrations-url', integrationsUrl],
  ] as const;
  const findings = sources.map(async ([attribute, url]) => {
    if (!url) return [];
    try {
      const headers = await resolveRequestHeaders(subject, url);
      const rows = await fetchRows(attribute, url, headers);
      return [good('load-failed', `${attribute} answers with ${rows.length} rows.`)];
    } catch (error) {
      const { code = 'load-failed', message, hint = '' } = error as Partial<PicaError> & Error;
      return [bad({ code: code, message, hint })];
    }
  });
  return (await Promise.all(findings)).flat();
}

function examineStorage({ connectionsUrl, identity, outbox }: Subject): Finding[] {
  if (!connectionsUrl || outbox === 'off') return [];
  if (!identity) {
    return [
      good(
        'storage',
        'What cannot be stored at once is kept for as long as this page is open.',
        'With identity, the next page sends it too.',
      ),
    ];
  }
  try {
    localStorage.setItem('pica-connect.check', '');
    localStorage.removeItem('pica-connect.check');
    return [good('storage', 'What cannot be stored at once is kept in this browser.')];
  } catch {
    return [
      bad({
        code: 'storage',
        message:
          "This browser's storage is blocked or full, so what cannot be stored at once is lost with the page.",
        hint: 'Allow this site to store data, or free some.',
      }),
    ];
  }
}
