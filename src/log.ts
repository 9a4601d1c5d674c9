/** Speaks to whoever builds the page. Nothing that a visitor or a server sent in confidence comes here. */
export function warn(text: string): void {
  console.warn(`pica-connect: ${text}`);
}
