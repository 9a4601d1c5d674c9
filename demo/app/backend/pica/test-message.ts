import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';
import { rateLimited } from './problems.js';
import { requestPica } from './request.js';

/**
 * The request to the integration.
 *
 * It is a placeholder, because the demo can't know the APIs of two hundred platforms. The sandbox answers it for each of
 * them, and a real integration refuses an unknown path. Put your product's own requests here, such as a message to a
 * Slack channel, each with its `x-pica-action-id` from Pica's list of actions:
 * https://docs.picaos.com/api-reference/passthrough
 */
const request = {
  method: 'POST',
  path: '/v1/passthrough/test-message',
  body: { text: 'A test message from Lumen.' },
} as const;

/**
 * Uses a connection through Pica's passthrough, so that its credentials stay at Pica.
 *
 * @param key of a connection that is known to be this user's
 * @param signal cancels the work
 * @returns the integration's status
 * @throws Problem if the message didn't arrive
 */
export async function sendTestMessage(
  pica: PicaAccess,
  key: string,
  signal?: AbortSignal,
): Promise<number> {
  const { status, ok, retryAfterSeconds } = await requestPica(pica, {
    ...request,
    headers: { 'x-pica-connection-key': key },
    timeoutMs: 10_000,
    signal,
  });
  if (ok) return status;
  if (status === 429) throw rateLimited(retryAfterSeconds);
  throw new Problem(
    502,
    'test-failed',
    `The test message did not arrive: it was answered with status ${status}.`,
    'Reconnect the account if its state is not operational.',
  );
}
