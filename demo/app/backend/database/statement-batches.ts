/** PostgreSQL allows 65,535 parameters per statement. */
const maxRows = 1000;

/** Splits a list into parts that fit into one statement each. */
export function* batchesOf<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let at = 0; at < items.length; at += maxRows) yield items.slice(at, at + maxRows);
}
