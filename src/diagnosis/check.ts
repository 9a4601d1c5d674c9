import { resolveHeaders, resolveRequestHeaders } from '../endpoints/headers.js';
import { fetchRows } from '../endpoints/rows.js';
import { resolveTokenUrl, type TokenCheck } from '../endpoints/token.js';
import type { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { checkAuthKit, checkPage, originOf } from './check-page.js';
import { checkHeaders, checkName, tokenReceived } from './check-token.js';
import { failed, passed } from './create-finding.js';
import { checkFrame } from './frame.js';

/** The options of the element to check. */
export interface CheckOptions {
  tokenUrl: string | null;
  tokenHeaders: unknown;
  requestHeaders: unknown;
  connectionsUrl: string | null;
  integrationsUrl?: string | null;
  selectedConnection?: string | null;
  identity: string | null;
  outbox: 'auto' | 'off';
}

/** What the caller knows. */
export interface CheckContext {
  authkitUrl: string;
  /** Asks the token endpoint now, whatever is known about it. */
  requestToken: (url: string, headers: Record<string, string>) => Promise<TokenCheck>;
}

/** Checks everything that can be checked from the page. */
export async function check(options: CheckOptions, context: CheckContext): Promise<Finding[]> {
  const groups = await Promise.all([
    checkToken(options, context),
    checkAuthKit(context.authkitUrl),
    checkPage(context.authkitUrl),
    checkLists(options),
  ]);
  return [...groups.flat(), ...checkFrame(), ...checkStorage(options)];
}

async function checkToken(options: CheckOptions, context: CheckContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  let url: string;
  let headers: Record<string, string>;
  try {
    url = resolveTokenUrl(options.tokenUrl);
    findings.push(passed('token-url-invalid', `token-url is ${url}.`));
    headers = await resolveHeaders(options.tokenHeaders, 'token-headers');
  } catch (error) {
    return [...findings, failed(error as PicaError)];
  }
  findings.push(checkHeaders(headers));
  const { fault, rows, lacksCors } = await context.requestToken(url, headers);
  if (fault) return [...findings, failed(fault)];
  findings.push(
    tokenReceived(rows),
    passed(
      'token-endpoint-cors',
      lacksCors
        ? "The token endpoint is on this page's origin. Its answer does not show whether AuthKit's page may read it."
        : 'The token endpoint lets other origins read its answer, as far as this page can tell.',
      lacksCors
        ? `If AuthKit shows an error, answer POST and OPTIONS with Access-Control-Allow-Origin: ${originOf(context.authkitUrl)}.`
        : '',
    ),
  );
  const { selectedConnection: name } = options;
  if (name && rows) findings.push(checkName(rows, name));
  return findings;
}

async function checkLists(options: CheckOptions): Promise<Finding[]> {
  // A button has no integrationsUrl, but could inherit one that the page has put on `Object.prototype`.
  const isForeign = Object.hasOwn(Object.prototype, 'integrationsUrl');
  const integrationsUrl = isForeign ? null : options.integrationsUrl;
  const sources = [
    ['connections-url', options.connectionsUrl],
    ['integrations-url', integrationsUrl],
  ] as const;
  const findings = sources.map(async ([attribute, url]) => {
    if (!url) return [];
    try {
      const headers = await resolveRequestHeaders(options, url);
      const rows = await fetchRows(attribute, url, headers);
      return [passed('load-failed', `${attribute} answers with ${rows.length} rows.`)];
    } catch (error) {
      const { code = 'load-failed', message, hint = '' } = error as Partial<PicaError> & Error;
      return [failed({ code, message, hint })];
    }
  });
  return (await Promise.all(findings)).flat();
}

function checkStorage({ connectionsUrl, identity, outbox }: CheckOptions): Finding[] {
  if (!connectionsUrl || outbox === 'off') return [];
  if (!identity) {
    return [
      passed(
        'storage',
        'Unsaved connections are kept while this page is open.',
        'Set identity to keep them for the next page.',
      ),
    ];
  }
  try {
    localStorage.setItem('pica-connect.check', '');
    localStorage.removeItem('pica-connect.check');
    return [passed('storage', 'Unsaved connections are kept in this browser.')];
  } catch {
    return [
      failed({
        code: 'storage',
        message:
          "This browser's storage is blocked or full, so unsaved connections are lost when the page is closed.",
        hint: 'Allow this site to store data, or free some space.',
      }),
    ];
  }
}
