import type { OAuthOutcome } from '../oauth-attempts.js';

const pollIntervalMs = 400;

export interface Consent {
  /** What the popup reported, or `closed` if it reported nothing, or `blocked` if it did not open. */
  outcome: Promise<Exclude<OAuthOutcome, { status: 'pending' }> | { status: 'closed' | 'blocked' }>;
  showAgain: () => void;
  cancel: () => void;
}

/** Opens the consent page in a popup. Browsers block the popup unless this runs within the user's click. */
export function requestConsent(request: Record<string, string>): Consent {
  const attempt = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const query = new URLSearchParams({ ...request, attempt });
  const popup = window.open(`oauth/consent?${query}`, '', 'popup,width=520,height=680');
  return {
    outcome: popup ? poll(attempt, popup) : Promise.resolve({ status: 'blocked' }),
    showAgain: () => popup?.focus(),
    cancel: () => popup?.close(),
  };
}

async function poll(attempt: string, popup: Window): Promise<Awaited<Consent['outcome']>> {
  for (;;) {
    // Read before the request: a popup reports before it closes, so the answer then has its report.
    const wasClosed = popup.closed;
    const response = await fetch(`link/attempts/${attempt}`);
    if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
    const outcome = (await response.json()) as OAuthOutcome;
    if (outcome.status !== 'pending') return outcome;
    if (wasClosed) return { status: 'closed' };
    await new Promise((resolve) => setTimeout(resolve, pollIntervalMs));
  }
}
