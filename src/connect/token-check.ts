import type { ConnectOptions } from './options.js';
import { loadDiagnosis } from '../lazy.js';
import { findOddHeaders, resolveHeaders } from '../endpoints/headers.js';
import { findIntegrationName } from '../endpoints/integration-name.js';
import {
  checkToken,
  checkTokenAhead,
  knownToken,
  resolveTokenUrl,
  type TokenCheck,
  type TokenRow,
} from '../endpoints/token.js';
import { toUrl } from '../endpoints/url.js';
import { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { warnOnce } from '../log.js';

type Headers = Record<string, string>;

/** Milliseconds for which AuthKit waits, so that it can be given a name that it knows. */
const longestWait = 300;

export interface OpeningOptions {
  token: { url: string; headers: Headers | Promise<Headers> };
  selectedConnection: string | undefined;
}

/** What AuthKit is opened with. */
export interface CheckedOptions {
  token: OpeningOptions['token'];
  /** The name by which AuthKit knows the integration, as far as it can be told yet. */
  selectedConnection: () => string | undefined;
}

/** Where AuthKit's page is. */
export function authkitAddress({ baseUrl }: Pick<ConnectOptions, 'baseUrl'>): string {
  return baseUrl ?? 'https://authkit.picaos.com';
}

export function authkitOrigin(host: Pick<ConnectOptions, 'baseUrl'>): string {
  return toUrl(authkitAddress(host))?.origin ?? '';
}

/** What only one of the elements has. */
interface NamesIntegrations {
  selectedConnection?: string | null;
  integrationsUrl?: string | null;
}

/**
 * Asks the token endpoint ahead of the click, as far as that can be done without asking the page for anything.
 * @returns what comes of it, where it is asked.
 */
export function checkAhead(host: ConnectOptions): Promise<TokenCheck> | undefined {
  if (host.tokenCheck === 'off' || typeof host.tokenHeaders === 'function') return undefined;
  try {
    const url = resolveTokenUrl(host.tokenUrl);
    const headers = resolveHeaders(host.tokenHeaders, 'token-headers') as Headers;
    return checkTokenAhead(url, headers, authkitOrigin(host));
  } catch {
    // What is wrong with them is told with the click.
    return undefined;
  }
}

/** Asks the token endpoint beside an opening. AuthKit waits for that only where a name may have to be corrected. */
export function checkBeside(
  host: ConnectOptions,
  options: OpeningOptions,
  onFault: (error: PicaError) => void,
): CheckedOptions {
  const { token, selectedConnection } = options;
  let name = selectedConnection;
  const named = { selectedConnection: () => name };
  if (host.tokenCheck === 'off') return { token, ...named };

  const onResult = (url: string, { fault, rows, lacksCors }: TokenCheck) => {
    if (fault) onFault(fault);
    if (lacksCors) {
      warnOnce(
        `${url} shows no access-control-allow-origin. AuthKit may need it, with ${authkitOrigin(host)}.`,
      );
    }
    if (!rows || !selectedConnection) return;
    const found = findIntegrationName(rows, selectedConnection);
    if (found === undefined) {
      void explainMissing(rows, selectedConnection).then(onFault);
    } else if (found !== selectedConnection) {
      name = found;
      warnOnce(`selected-connection="${selectedConnection}" was taken for "${name}". Write that.`);
    }
  };
  const ask = async (headers: Headers): Promise<void> => {
    for (const header of findOddHeaders(headers)) {
      warnOnce(`the header "${header}" of token-headers is empty or "undefined".`);
    }
    onResult(token.url, await checkToken(token.url, headers, authkitOrigin(host)));
  };

  const { headers } = token;
  const known = headers instanceof Promise ? undefined : knownToken(token.url, headers);
  if (known) {
    // Whoever listens hears of it when AuthKit is opening, as ever.
    onResult(token.url, known);
    return { token, ...named };
  }
  const settled = Promise.resolve(headers);
  const askOnce = () => settled.then(ask, () => undefined);
  if (!selectedConnection) {
    // Nobody waits for it, so AuthKit's own request goes first.
    setTimeout(askOnce);
    return { token, ...named };
  }
  const asked = askOnce();
  const waiting = settled.then(async (values) => {
    await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, longestWait))]);
    return values;
  });
  return { token: { ...token, headers: waiting }, ...named };
}

/** Looks at everything that can be looked at from the page. */
export function examineAll(host: ConnectOptions & NamesIntegrations): Promise<Finding[]> {
  const message = 'pica-connect.diagnosis.js is missing, or is not of this version.';
  const hint = 'Put all files of one version in the same folder.';
  return loadDiagnosis().then(
    ({ examine }) =>
      examine(host, {
        authkit: authkitAddress(host),
        askForToken: (url, headers) => checkToken(url, headers, authkitOrigin(host), true),
      }),
    () => [{ code: 'check', ok: false, message, hint }],
  );
}

async function explainMissing(rows: readonly TokenRow[], name: string): Promise<PicaError> {
  const hint = await loadDiagnosis().then(
    ({ explainName }) => explainName(rows, name).hint,
    () => 'selected-connection takes its display name.',
  );
  return new PicaError('integration-not-found', `There is no integration "${name}".`, { hint });
}
