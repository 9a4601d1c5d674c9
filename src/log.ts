/** Warns the developer of the page. Never pass a secret of a visitor or a server. */
export function warn(text: string): void {
  console.warn(`pica-connect: ${text}`);
}

/** @returns a function that warns once for each text, and at most `maxTexts` times. */
export function createWarnOnce(maxTexts = Infinity): (text: string) => void {
  const warned = new Set<string>();
  return (text) => {
    if (warned.size < maxTexts && !warned.has(text)) warn(text.slice(0, 500));
    warned.add(text);
  };
}

/** Warns once per page for each text. */
export const warnOnce = createWarnOnce();
