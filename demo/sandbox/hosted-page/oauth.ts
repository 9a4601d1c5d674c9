import type { OAuthOutcome } from '../oauth-attempts.js';

const pollEvery = 400;

export interface Consent {
  /** Settles with what the popup reported; `closed` when it reported nothing, `blocked` when it never opened. */
  outcome: Promise<Exclude<OAuthOutcome, { status: 'pending' }> | { status: 'closed' | 'blocked' }>;
  showAgain: () => void;
  cancel: () => void;
}

/** Opens the consent page in a window of its own. Must run within the user's click, or the window is blocked. */
export function askConsent(wish: Record<string, string>): Consent {
  const attempt = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const query = new URLSearchParams({ ...wish, attempt });
  const popup = window.open(`oauth/consent?${query}`, '', 'popup,width=520,height=680');
  return {
    outcome: popup ? poll(attempt, popup) : Promise.resolve({ status: 'blocked' }),
    showAgain: () => popup?.focus(),
    cancel: () => popup?.close(),
  };
}

async function poll(attempt: string, popup: Window): Promise<Awaited<Consent['outcome']>> {
  for (;;) {
    // Read before asking: a popup that reports and then closes has its report on the server by now.
    const wasClosed = popup.closed;
    const response = await fetch(`link/attempts/${attempt}`);
    if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
    const outcome = (await response.json()) as OAuthOutcome;
    if (outcome.status !== 'pending') return outcome;
    if (wasClosed) return { status: 'closed' };
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
}
