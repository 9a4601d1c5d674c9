import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';
import { rateLimited } from './problems.js';
import { requestPica } from './request.js';

/**
 * What is asked of the integration.
 *
 * Generic, because the demo knows nothing of two hundred platforms: Pica's stand-in answers it for each of them, and
 * no integration does anything about a path that it does not have. A product puts the requests here that it is
 * about, such as a message to a channel of Slack, with the `x-pica-action-id` that Pica's list of actions has for
 * them: https://docs.picaos.com/api-reference/passthrough
 */
const request = {
  method: 'POST',
  path: '/v1/passthrough/test-message',
  body: { text: 'A test message from Lumen.' },
} as const;

/**
 * Uses a connection, through Pica's passthrough: the credentials stay there.
 *
 * @param key of a connection that is known to be the asking user's
 * @returns the status that the integration answered with
 * @param signal gives up
 * @throws Problem when the message did not arrive
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
