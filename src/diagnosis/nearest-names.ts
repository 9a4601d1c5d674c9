import { lettersOf } from '../endpoints/integration-name.js';
import type { TokenRow } from '../endpoints/token.js';
import { explain, type Problem } from './token-explanations.js';

/** That there is no such integration, with those whose names are like it. */
export function explainName(rows: readonly TokenRow[], name: string): Problem {
  const wanted = lettersOf(name);
  const nearest = rows
    .map(({ title }) => ({ title, likeness: likeness(lettersOf(title), wanted) }))
    .filter((row) => row.likeness > 0.3)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, 3)
    .map(({ title }) => `"${title}"`);
  return nearest.length > 0
    ? explain('integration-not-found', 'near', { name, names: nearest.join(', ') })
    : explain('integration-not-found', 'far', { name });
}

/** How much two words share, from 0 to 1: the pairs of letters that are in both. */
function likeness(a: string, b: string): number {
  const [ofA, ofB] = [pairsOf(a), pairsOf(b)];
  const shared = [...ofA].filter((pair) => ofB.has(pair)).length;
  return (2 * shared) / (ofA.size + ofB.size);
}

function pairsOf(text: string): Set<string> {
  return new Set(Array.from({ length: text.length - 1 || 1 }, (_, at) => text.slice(at, at + 2)));
}
