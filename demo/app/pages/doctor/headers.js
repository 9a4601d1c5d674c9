// @ts-check

/**
 * Parses headers as users type them: a JSON object, or one header per line.
 * @param {string} text
 * @returns {Record<string, string>}
 * @throws {Error} that names the invalid line
 */
export function readHeaders(text) {
  const written = text.trim();
  if (written.startsWith('{')) {
    try {
      return JSON.parse(written);
    } catch {
      throw new Error('The headers start like JSON but are not valid: check commas and quotes.');
    }
  }
  const lines = written.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line, index) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw new Error(`Line ${index + 1} of the headers needs a name and a colon.`);
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}
