/** Speaks to whoever builds the page. Nothing that a visitor or a server sent in confidence comes here. */
export function warn(text: string): void {
  console.warn(`pica-connect: ${text}`);
}

const warned = new Set<string>();

/** Once for a page is enough. */
export function warnOnce(text: string): void {
  if (!warned.has(text)) warn(text);
  warned.add(text);
}
