import { validateHeaderName, validateHeaderValue } from 'node:http';
import { parseArgs } from 'node:util';

export const usage = `pica-connect doctor URL [options]

Asks a token endpoint as AuthKit's page does, and says what is wrong and what to change.

  --header "name: value"         A header of token-headers. Repeat it for each.
  --origin https://app.example   The origin of the page with the element, whose check is looked at too.
  --selected-connection Gmail    An integration that has to be there.
  --base-url URL                 Where AuthKit's page is. Default: https://authkit.picaos.com.
  --timeout SECONDS              For each request. Default: 20.
  --json                         Everything as JSON.
  --help                         This.

It sends OPTIONS and POST, and with --origin both once more: each POST makes a token, as a click does. Values
of headers and the token are never printed. Ends with 0 when all is well, 1 when something is wrong, 2 when
it was called in a wrong way. Colors are for terminals, without NO_COLOR; FORCE_COLOR=1 has them elsewhere.`;

/** What is to be looked at, and how it is to be said. */
export interface Order {
  url: URL;
  headers: Record<string, string>;
  /** The origin of AuthKit's page, which has to be able to read the answer. */
  authkitOrigin: string;
  /** The origin of the page with the element, where it was given. */
  pageOrigin?: string;
  selectedConnection?: string;
  /** Milliseconds that a request may take. */
  longest: number;
  isJson: boolean;
}

/** A call that cannot be understood; its message says what to change. */
export class UsageError extends Error {}

/**
 * @returns undefined where help is wanted.
 * @throws {UsageError}
 */
export function readArguments(args: readonly string[]): Order | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  // The name of the command, as `npx pica-connect doctor` gives it.
  const [address, ...more] = positionals[0] === 'doctor' ? positionals.slice(1) : positionals;
  if (address === undefined) throw new UsageError('Give the address of your token endpoint.');
  if (more.length > 0) {
    throw new UsageError(`Give one address. There is also: ${more.join(' ')}`);
  }
  return {
    url: readUrl(address, 'The address'),
    headers: readHeaders(values.header ?? []),
    authkitOrigin: readUrl(values['base-url'] ?? 'https://authkit.picaos.com', '--base-url').origin,
    pageOrigin: values.origin === undefined ? undefined : readUrl(values.origin, '--origin').origin,
    selectedConnection: values['selected-connection'],
    longest: readSeconds(values.timeout) * 1000,
    isJson: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        header: { type: 'string', multiple: true },
        origin: { type: 'string' },
        'selected-connection': { type: 'string' },
        'base-url': { type: 'string' },
        timeout: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // Its first sentence names the option; the rest is about "--", which is of no use here.
    throw new UsageError((error as Error).message.replace(/(?<=\.) .*$/s, ''));
  }
}

function readUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `${what} has to be in full, with https:// or http://. It is: ${text.slice(0, 200)}`,
    );
  }
  if (url.username || url.password) {
    throw new UsageError(`${what} holds a user name or password, and browsers refuse such ones.`);
  }
  return url;
}

/** What is wrong with one is said without its value. */
function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw new UsageError(
        `--header number ${index + 1} has to be like "authorization: Bearer …", with a colon.`,
      );
    }
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new UsageError(`--header "${name}: …" cannot be sent: look at its letters.`);
    }
    headers[name] = value;
  }
  return headers;
}

function readSeconds(text = '20'): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 600) return seconds;
  throw new UsageError(`--timeout has to be a number of seconds, at most 600. It is: ${text}`);
}
