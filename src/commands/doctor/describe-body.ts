/** Describes the format of a body without its contents, because a token is secret. */
export function describeBody(text: string): string {
  if (text.trim() === '') return 'nothing';
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return `${/^\s*</.test(text) ? 'a web page' : 'text'} of ${text.length} characters`;
  }
  if (body === null) return 'null';
  if (Array.isArray(body)) return `a list of ${body.length}`;
  if (typeof body !== 'object') return `a ${typeof body}`;
  const fields = Object.entries(body).map(([name, value]) => `${name} (${kindOf(value)})`);
  const more = fields.length > 8 ? ', …' : '';
  return fields.length > 0 ? `{ ${fields.slice(0, 8).join(', ')}${more} }` : '{}';
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? `list of ${value.length}` : typeof value;
}
