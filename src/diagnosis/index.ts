import { isMixed } from '../endpoints/mixed-content.js';
import type { TokenAttempt } from '../endpoints/token.js';
import type { Fault } from '../errors.js';
import { diagnoseAnswer } from './token-answer.js';
import { tokenFault } from './token-cases.js';
import { diagnoseUnreadable } from './unreadable-answer.js';

export { check } from './check.js';
export { diagnoseFrame } from './frame.js';
export { diagnoseName } from './nearest-names.js';
export { showReport } from './report.js';

/** Finds out why a request to the token endpoint brought no token that AuthKit's page can use. */
export function diagnoseToken(attempt: TokenAttempt): Promise<Fault> | Fault {
  const { url, authkitOrigin, response } = attempt;
  if (isMixed(url, authkitOrigin)) return tokenFault('token-endpoint-unreachable', 'mixed');
  return response ? diagnoseAnswer(response, attempt) : diagnoseUnreadable(attempt);
}
