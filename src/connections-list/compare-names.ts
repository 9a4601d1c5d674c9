import { isAmericanEnglish } from './american-english.js';

/** Cached, because several kinds of names are sorted in one language. */
const collators = new Map<string, Intl.Collator>();

/** Names whose order in English is that of their characters, apart from case. */
const plainName = /^[a-z\d .-]*$/i;

/** Returns a function that sorts names in the order of a language. Plain English names don't load a collator. */
export function nameComparer(language: string): (a: string, b: string) => number {
  const isEnglish = isAmericanEnglish(language);
  return (a, b) => {
    if (isEnglish && plainName.test(a) && plainName.test(b)) return comparePlain(a, b);
    let collator = collators.get(language);
    if (!collator) collators.set(language, (collator = new Intl.Collator(language)));
    return collator.compare(a, b);
  };
}

function comparePlain(a: string, b: string): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()];
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1;
  // Of two names that differ only in case, the lower case comes first. Its characters have the higher codes.
  return a === b ? 0 : a > b ? -1 : 1;
}
