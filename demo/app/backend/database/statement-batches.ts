/** A statement takes 65,535 parameters at most. */
const maxRows = 1000;

/** Parts of a list, small enough for a statement each. */
export function* batchesOf<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let at = 0; at < items.length; at += maxRows) yield items.slice(at, at + maxRows);
}
