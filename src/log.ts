/** Warns the developer of the page. Never pass a secret of a visitor or a server. */
export function warn(text: string): void {
  console.warn(`pica-connect: ${text}`);
}

const warned = new Set<string>();

/** Warns once per page for each text. */
export function warnOnce(text: string): void {
  if (!warned.has(text)) warn(text);
  warned.add(text);
}
