/** How the backend reaches Pica. */
export interface PicaAccess {
  /** Base URL, without a slash at its end. */
  api: string;
  /** Opens every user's connections: it stays in this process. */
  secret: string;
}

/** Takes the key, and anything that looks like one of Pica's keys, out of a text that leaves this process. */
export function withoutSecret(text: string, secret: string): string {
  return text.replaceAll(secret, '[secret]').replace(/\bsk_(live|test)_[\w-]+/g, '[secret]');
}
