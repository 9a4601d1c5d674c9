import type { Options } from './options.js';

/** A row of the token: one integration of the host's Pica account. */
export interface TokenRow {
  connectionDefId?: number | string;
  type: string;
  title: string;
  image?: string;
  active?: boolean;
}

export interface Token {
  rows: TokenRow[];
  requestId?: number;
}

const isToken = (value: unknown): value is Token =>
  typeof value === 'object' && value !== null && Array.isArray((value as Partial<Token>).rows);

/** Requests a token from the host's endpoint. Rejects with a message for the user. */
export async function requestToken({ linkTokenEndpoint, linkHeaders }: Options): Promise<Token> {
  const headers = new Headers({ 'content-type': 'application/json' });
  for (const [name, value] of Object.entries(linkHeaders ?? {})) headers.set(name, String(value));

  const response = await fetch(linkTokenEndpoint, { method: 'POST', headers, body: '{}' }).catch(
    () => undefined,
  );
  if (!response) throw new Error('The token endpoint could not be reached.');
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}.`);
  const token: unknown = await response.json().catch(() => undefined);
  if (!isToken(token)) throw new Error('The token endpoint’s answer is not a token.');
  return token;
}
