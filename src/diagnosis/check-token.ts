import { findSuspiciousHeaders, redactName } from '../endpoints/headers.js';
import { findIntegrationName } from '../endpoints/integration-name.js';
import type { TokenRow } from '../endpoints/token.js';
import type { Finding } from '../finding.js';
import { failed, passed } from './create-finding.js';
import { diagnoseName } from './nearest-names.js';
import { suspiciousHeader } from './token-cases.js';

/** Checks the headers. Never shows their values. */
export function checkHeaders(headers: Record<string, string>): Finding {
  const suspicious = findSuspiciousHeaders(headers);
  const names = Object.keys(headers).map(redactName).join(', ');
  if (suspicious.length > 0) {
    const message = suspiciousHeader.message.replace('{names}', suspicious.join(', '));
    return failed({ code: 'token-headers-invalid', message, hint: suspiciousHeader.hint });
  }
  return passed(
    'token-headers-invalid',
    names ? `token-headers sends ${names}.` : 'No headers are sent.',
  );
}

/** The finding for an answer that is a token. */
export function tokenReceived(rows: readonly TokenRow[] | undefined): Finding {
  return passed(
    'token-response-invalid',
    rows
      ? `The token endpoint lists ${rows.length} integrations.`
      : 'The token endpoint answers with a token.',
  );
}

/** Checks whether there is an integration with this name. */
export function checkName(rows: readonly TokenRow[], name: string): Finding {
  const found = findIntegrationName(rows, name);
  if (found === undefined) return failed(diagnoseName(rows, name));
  return passed(
    'integration-not-found',
    found === name
      ? `There is an integration "${name}".`
      : `"${name}" was corrected to "${found}".`,
    found === name ? '' : `Set selected-connection="${found}".`,
  );
}
