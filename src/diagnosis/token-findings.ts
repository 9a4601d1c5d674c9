import { findOddHeaders, shownName } from '../endpoints/headers.js';
import { findIntegrationName } from '../endpoints/integration-name.js';
import type { TokenRow } from '../endpoints/token.js';
import type { Finding } from '../finding.js';
import { bad, good } from './finding.js';
import { explainName } from './nearest-names.js';
import { oddHeader } from './token-explanations.js';

/** What there is to say of the headers that are sent, and of none of their values. */
export function examineHeaders(headers: Record<string, string>): Finding {
  const odd = findOddHeaders(headers);
  const names = Object.keys(headers).map(shownName).join(', ');
  if (odd.length > 0) {
    const message = oddHeader.message.replace('{names}', odd.join(', '));
    return bad({ code: 'token-headers-invalid', message, hint: oddHeader.hint });
  }
  return good(
    'token-headers-invalid',
    names ? `token-headers sends ${names}.` : 'No headers are sent.',
  );
}

/** That the answer is a token. */
export function goodToken(rows: readonly TokenRow[] | undefined): Finding {
  return good(
    'token-response-invalid',
    rows
      ? `The token endpoint names ${rows.length} integrations.`
      : 'The token endpoint gives a token.',
  );
}

/** Whether there is an integration of that name. */
export function examineName(rows: readonly TokenRow[], name: string): Finding {
  const found = findIntegrationName(rows, name);
  if (found === undefined) return bad(explainName(rows, name));
  return good(
    'integration-not-found',
    found === name ? `"${name}" is there.` : `"${name}" is taken for "${found}".`,
    found === name ? '' : `Write selected-connection="${found}".`,
  );
}
