import { validateHeaderName, validateHeaderValue } from 'node:http';
import { parseArgs } from 'node:util';

export const usage = `pica-connect doctor URL [options]

Requests a token as AuthKit's page does, and says what is wrong and how to fix it.

  --header "name: value"         A header of token-headers. Repeat for each header.
  --origin https://app.example   The origin of the page with the element, to test its own check too.
  --selected-connection Gmail    An integration that must be in the token.
  --base-url URL                 The URL of AuthKit's page. Default: https://authkit.picaos.com.
  --timeout SECONDS              The time limit for each request. Default: 20.
  --json                         Print JSON.
  --help                         Print this help.

Sends OPTIONS and POST, and both again for --origin. Each POST creates a token, as a click does. Never prints
the token or the value of a header. Exits with 0 if there is no problem, 1 if there is one, and 2 for invalid
arguments. Uses colors in a terminal unless NO_COLOR is set, and elsewhere if FORCE_COLOR=1 is set.`;

export interface DoctorOptions {
  url: URL;
  headers: Record<string, string>;
  /** The origin of AuthKit's page, which must be allowed to read the answer. */
  authkitOrigin: string;
  /** The origin of the page with the element, if given. */
  pageOrigin?: string;
  selectedConnection?: string;
  /** Limits each request. */
  timeoutMs: number;
  isJson: boolean;
}

/** Invalid arguments. The message says what to change. */
export class UsageError extends Error {}

/**
 * @returns undefined for --help.
 * @throws {UsageError}
 */
export function readArguments(args: readonly string[]): DoctorOptions | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  // `npx pica-connect doctor` passes the name of the command on.
  const [address, ...more] = positionals[0] === 'doctor' ? positionals.slice(1) : positionals;
  if (address === undefined) throw new UsageError('Pass the URL of your token endpoint.');
  if (more.length > 0) {
    throw new UsageError(`Pass one URL. These are too many: ${more.join(' ')}`);
  }
  return {
    url: readUrl(address, 'The URL'),
    headers: readHeaders(values.header ?? []),
    authkitOrigin: readUrl(values['base-url'] ?? 'https://authkit.picaos.com', '--base-url').origin,
    pageOrigin: values.origin === undefined ? undefined : readUrl(values.origin, '--origin').origin,
    selectedConnection: values['selected-connection'],
    timeoutMs: readSeconds(values.timeout) * 1000,
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
    // The first sentence names the option. The rest is about "--", which doesn't help here.
    throw new UsageError((error as Error).message.replace(/(?<=\.) .*$/s, ''));
  }
}

function readUrl(text: string, what: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `${what} must be a full URL with https:// or http://, not: ${text.slice(0, 200)}`,
    );
  }
  if (url.username || url.password) {
    throw new UsageError(`${what} contains a user name or password. Browsers refuse such URLs.`);
  }
  return url;
}

/** @throws {UsageError} without the value of the header. */
function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [index, line] of lines.entries()) {
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw new UsageError(
        `--header number ${index + 1} needs a colon, as in "authorization: Bearer …".`,
      );
    }
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new UsageError(`--header "${name}: …" cannot be sent: check its characters.`);
    }
    headers[name] = value;
  }
  return headers;
}

function readSeconds(text = '20'): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 600) return seconds;
  throw new UsageError(`--timeout must be a number of seconds, at most 600, not: ${text}`);
}
