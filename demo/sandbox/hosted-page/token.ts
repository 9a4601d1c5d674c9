import type { Options } from './options.js';

/** A row of the token: one integration that the host's Pica account has. */
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

/** Asks the host's token endpoint. Rejects with what the user may read. */
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
