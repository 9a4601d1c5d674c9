import { simplifyName } from '../endpoints/integration-name.js';
import type { TokenRow } from '../endpoints/token.js';
import type { Fault } from '../errors.js';
import { tokenFault } from './token-cases.js';

/** Says that there is no such integration, and suggests those with similar names. */
export function diagnoseName(rows: readonly TokenRow[], name: string): Fault {
  const wanted = simplifyName(name);
  const nearest = rows
    .map(({ title }) => ({ title, similarity: similarity(simplifyName(title), wanted) }))
    .filter((row) => row.similarity > 0.3)
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, 3)
    .map(({ title }) => `"${title}"`);
  return nearest.length > 0
    ? tokenFault('integration-not-found', 'near', { name, names: nearest.join(', ') })
    : tokenFault('integration-not-found', 'far', { name });
}

/** Rates from 0 to 1 how many pairs of letters two names share. */
function similarity(a: string, b: string): number {
  const [ofA, ofB] = [pairsOf(a), pairsOf(b)];
  const shared = [...ofA].filter((pair) => ofB.has(pair)).length;
  return (2 * shared) / (ofA.size + ofB.size);
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: text.length - 1 || 1 }, (_, at) => text.slice(at, at + 2)));
}
