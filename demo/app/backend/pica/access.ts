import type { PicaObserver } from './request-observer.js';

/** How to reach Pica. */
export interface PicaAccess {
  /** Base URL without a trailing slash. */
  api: string;
  /**
   * They give access to every user's connections, so they must not leave this process. The first one is used. While
   * keys are being rotated, the older one is used as long as Pica refuses the new one.
   */
  secrets: readonly [string, ...string[]];
  observer?: PicaObserver | undefined;
}

/** Removes the keys, and anything that looks like a key of Pica's, from text that leaves this process. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let cleaned = text;
  for (const secret of secrets) {
    // Log lines are JSON, where a quotation mark in the key is escaped.
    const asJson = JSON.stringify(secret).slice(1, -1);
    cleaned = cleaned.replaceAll(secret, '[secret]').replaceAll(asJson, '[secret]');
  }
  return cleaned.replace(/\bsk_(live|test)_[\w-]+/g, '[secret]');
}

/** @returns the environment of the keys, if their format tells. Pica lists only connections of that one. */
export function environmentOf([secret]: PicaAccess['secrets']): string | undefined {
  return /^sk_(live|test)_/.exec(secret)?.[1];
}

/** The index of the key that was accepted last, so that requests don't start with a revoked one. */
const accepted = new WeakMap<PicaAccess['secrets'], number>();

/**
 * Sends a request with the first key that Pica accepts.
 *
 * @param isRefusal whether Pica has refused the key
 * @returns the answer for the last key that was tried
 */
export async function withAcceptedSecret<Answer>(
  { secrets }: PicaAccess,
  ask: (secret: string) => Promise<Answer>,
  isRefusal: (answer: Answer) => boolean,
): Promise<Answer> {
  const first = accepted.get(secrets) ?? 0;
  for (let tried = 0; ; tried++) {
    const index = (first + tried) % secrets.length;
    const answer = await ask(secrets[index] ?? secrets[0]);
    if (!isRefusal(answer)) {
      if (index !== first) accepted.set(secrets, index);
      return answer;
    }
    if (tried === secrets.length - 1) return answer;
  }
}
