/** How the backend reaches Pica. */
export interface PicaAccess {
  /** Base URL, without a slash at its end. */
  api: string;
  /** Opens every user's connections: it stays in this process. */
  secret: string;
}

/** Takes the key, and anything that looks like one of Pica's keys, out of a text that leaves this process. */
export function withoutSecret(text: string, secret: string): string {
  // A line of the log is JSON, where a quotation mark in the key is written with a backslash.
  const asJson = JSON.stringify(secret).slice(1, -1);
  return text
    .replaceAll(secret, '[secret]')
    .replaceAll(asJson, '[secret]')
    .replace(/\bsk_(live|test)_[\w-]+/g, '[secret]');
}

/** The environment that the key is for, where it tells: of the other one's connections Pica lists none. */
export function environmentOf(secret: string): string | undefined {
  return /^sk_(live|test)_/.exec(secret)?.[1];
}
