import type { SessionOptions } from '../authkit/options.js';
import { authkitAddress, authkitOrigin } from './authkit-address.js';
import type { ConnectOptions } from './options.js';
import { loadDiagnosis } from '../lazy.js';
import { findSuspiciousHeaders, resolveHeaders } from '../endpoints/headers.js';
import { findIntegrationName } from '../endpoints/integration-name.js';
import {
  cachedToken,
  checkToken,
  prefetchToken,
  resolveTokenUrl,
  type TokenCheck,
  type TokenRequest,
  type TokenRow,
} from '../endpoints/token.js';
import { PicaError } from '../errors.js';
import type { Finding } from '../finding.js';
import { warnOnce } from '../log.js';
import { delay } from '../delay.js';

type Headers = Record<string, string>;

export interface OpeningOptions {
  token: SessionOptions['token'];
  selectedConnection: string | undefined;
}

/** The options that AuthKit opens with. */
type CheckedOptions = Pick<SessionOptions, 'token' | 'selectedConnection' | 'checked'>;

/** Options that only one of the elements has. */
interface IntegrationOptions {
  selectedConnection?: string | null;
  integrationsUrl?: string | null;
}

/**
 * Checks the token endpoint before a click, unless that takes a call of the page's function for headers.
 * @returns the result, or undefined if there is no check.
 */
export function prefetchCheck(host: ConnectOptions): Promise<TokenCheck> | undefined {
  if (host.tokenCheck === 'off' || typeof host.tokenHeaders === 'function') return undefined;
  try {
    const url = resolveTokenUrl(host.tokenUrl);
    const headers = resolveHeaders(host.tokenHeaders, 'token-headers') as Headers;
    return prefetchToken(toRequest(host, url, headers));
  } catch {
    // The click will report the invalid URL or headers.
    return undefined;
  }
}

/** Checks the token endpoint while AuthKit opens. AuthKit doesn't wait for the result, which may correct the name. */
export function checkWhileOpening(
  host: ConnectOptions,
  { token, selectedConnection }: OpeningOptions,
  onFault: (error: PicaError) => void,
): CheckedOptions {
  let name = selectedConnection;
  const options: CheckedOptions = { token, selectedConnection: () => name };
  if (host.tokenCheck === 'off' || token instanceof PicaError) return options;

  const onResult = (url: string, { fault, rows, lacksCors }: TokenCheck) => {
    if (fault) onFault(fault);
    if (lacksCors) {
      warnOnce(
        `${url} answers without access-control-allow-origin. AuthKit may need it, with ${authkitOrigin(host)}.`,
      );
    }
    if (!rows || !selectedConnection) return;
    const found = findIntegrationName(rows, selectedConnection);
    if (found === undefined) {
      void integrationNotFound(rows, selectedConnection).then(onFault);
    } else if (found !== selectedConnection) {
      name = found;
      warnOnce(
        `selected-connection="${selectedConnection}" was corrected to "${name}". Set it to that.`,
      );
    }
  };
  const check = async (headers: Headers): Promise<void> => {
    for (const header of findSuspiciousHeaders(headers)) {
      warnOnce(`The header "${header}" in token-headers is empty or "undefined".`);
    }
    onResult(token.url, await checkToken(toRequest(host, token.url, headers)));
  };

  const { headers } = token;
  const cached = headers instanceof Promise ? undefined : cachedToken(token.url, headers);
  if (cached) {
    onResult(token.url, cached);
    return options;
  }
  const checked = Promise.resolve(headers).then(
    // AuthKit's own request goes first.
    (values) => delay(0).then(() => check(values)),
    // The session reports this.
    () => undefined,
  );
  return { ...options, checked };
}

/** Runs all checks that can be run from the page. */
export function runChecks(host: ConnectOptions & IntegrationOptions): Promise<Finding[]> {
  const message = 'The checks could not be loaded.';
  const hint =
    'Put all files of one version in the same folder, for the one file also pica-connect.diagnosis.js.';
  return loadDiagnosis().then(
    ({ check }) =>
      check(host, {
        authkitUrl: authkitAddress(host),
        requestToken: (url, headers) => checkToken(toRequest(host, url, headers), true),
      }),
    () => [{ code: 'check', ok: false, message, hint }],
  );
}

const toRequest = (host: ConnectOptions, url: string, headers: Headers): TokenRequest => ({
  url,
  headers,
  authkitOrigin: authkitOrigin(host),
  diagnose: (attempt) => loadDiagnosis().then(({ diagnoseToken }) => diagnoseToken(attempt)),
});

async function integrationNotFound(rows: readonly TokenRow[], name: string): Promise<PicaError> {
  const hint = await loadDiagnosis().then(
    ({ diagnoseName }) => diagnoseName(rows, name).hint,
    () => 'Set selected-connection to its display name.',
  );
  return new PicaError('integration-not-found', `There is no integration "${name}".`, { hint });
}
