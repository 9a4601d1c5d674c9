import { isMixed } from '../endpoints/mixed-content.js';
import type { TokenAttempt } from '../endpoints/token.js';
import { explain, type Problem } from './token-explanations.js';
import { explainAnswer } from './token-answer.js';
import { explainSilence } from './token-silence.js';

export { examine } from './examine.js';
export { explainFrame } from './frame.js';
export { explainName } from './nearest-names.js';
export { showReport } from './report.js';

/** Why asking the token endpoint has not brought a token that AuthKit's page can use. */
export function explainToken(attempt: TokenAttempt): Promise<Problem> | Problem {
  const { url, authkitOrigin, response } = attempt;
  if (isMixed(url, authkitOrigin)) {
    return explain('token-endpoint-unreachable', 'mixed');
  }
  return response ? explainAnswer(response, attempt) : explainSilence(attempt);
}
