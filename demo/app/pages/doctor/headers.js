// @ts-check

/**
 * Headers as somebody types them: a JSON object, or a line for each.
 * @param {string} text
 * @returns {Record<string, string>}
 * @throws {Error} that says which line is none
 */
export function readHeaders(text) {
  const written = text.trim();
  if (written.startsWith('{')) {
    try {
      return JSON.parse(written);
    } catch {
      throw new Error('The headers begin like JSON, and are none: look at commas and quotes.');
    }
  }
  const lines = written.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line, index) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`Line ${index + 1} of the headers has no name and colon.`);
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}
