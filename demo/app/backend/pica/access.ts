import type { PicaObserver } from './request-observer.js';

/** How the backend reaches Pica. */
export interface PicaAccess {
  /** Base URL, without a slash at its end. */
  api: string;
  /**
   * Open every user's connections: they stay in this process. The first is used. While keys are rotated there is
   * an older one behind it, for as long as Pica refuses the new one.
   */
  secrets: readonly [string, ...string[]];
  observer?: PicaObserver | undefined;
}

/** Takes keys, and anything that looks like one of Pica's keys, out of a text that leaves this process. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let cleaned = text;
  for (const secret of secrets) {
    // A line of the log is JSON, where a quotation mark in the key is written with a backslash.
    const asJson = JSON.stringify(secret).slice(1, -1);
    cleaned = cleaned.replaceAll(secret, '[secret]').replaceAll(asJson, '[secret]');
  }
  return cleaned.replace(/\bsk_(live|test)_[\w-]+/g, '[secret]');
}

/** The environment that the keys are for, where they tell: of the other one's connections Pica lists none. */
export function environmentOf([secret]: PicaAccess['secrets']): string | undefined {
  return /^sk_(live|test)_/.exec(secret)?.[1];
}

/** Which key was accepted last, so that not every request begins with one that Pica has revoked. */
const accepted = new WeakMap<PicaAccess['secrets'], number>();

/**
 * Asks Pica with the first key that it accepts.
 *
 * @param isRefusal whether the answer says that Pica does not know the key
 * @returns the answer to the last key that was tried
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
