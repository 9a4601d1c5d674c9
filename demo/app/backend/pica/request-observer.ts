import { Problem } from '../problem.js';
import type { PicaAccess } from './access.js';

export const picaOperations = [
  'create_token',
  'list_connections',
  'delete_connection',
  'list_integrations',
  'test_message',
  'other',
] as const;
export type PicaOperation = (typeof picaOperations)[number];

/** How a request to Pica ended. `aborted`: nobody was waiting for it any more. */
export const picaOutcomes = [
  'ok',
  'refused',
  'rate_limited',
  'failed',
  'timeout',
  'unreachable',
  'aborted',
] as const;
export type PicaOutcome = (typeof picaOutcomes)[number];

/** Called at the end of each request to Pica. */
export type PicaObserver = (operation: PicaOperation, outcome: PicaOutcome, ms: number) => void;

/**
 * Sends a request to Pica and reports its outcome to the observer.
 *
 * @param statusOf returns an answer's status. Without it, every answer is `ok`.
 * @param signal aborted when nobody is waiting for the answer any more
 */
export async function observeRequest<Answer>(
  { observer }: PicaAccess,
  operation: PicaOperation,
  ask: () => Promise<Answer>,
  statusOf: (answer: Answer) => number = () => 200,
  signal?: AbortSignal,
): Promise<Answer> {
  if (!observer) return ask();
  const began = performance.now();
  const report = (outcome: PicaOutcome) => observer(operation, outcome, performance.now() - began);
  try {
    const answer = await ask();
    report(outcomeOfStatus(statusOf(answer)));
    return answer;
  } catch (error) {
    const outcome = outcomeOfError(error);
    report(signal?.aborted && outcome !== 'timeout' ? 'aborted' : outcome);
    throw error;
  }
}

export function operationOf(method: string, path: string): PicaOperation {
  if (path.startsWith('/v1/vault/connections')) {
    return method === 'DELETE' ? 'delete_connection' : 'list_connections';
  }
  if (path.startsWith('/v1/available-connectors')) return 'list_integrations';
  if (path.startsWith('/v1/passthrough/')) return 'test_message';
  return 'other';
}

function outcomeOfStatus(status: number): PicaOutcome {
  if (status < 400) return 'ok';
  if (status === 429) return 'rate_limited';
  return status >= 500 || status === 408 ? 'failed' : 'refused';
}

function outcomeOfError(error: unknown): PicaOutcome {
  if (!(error instanceof Problem)) return 'failed';
  if (error.status === 429) return 'rate_limited';
  if (error.status === 504) return 'timeout';
  if (error.code === 'pica-unreachable') return 'unreachable';
  const isRefusal = error.code === 'pica-unauthorized' || error.code === 'pica-refused';
  return isRefusal ? 'refused' : 'failed';
}
