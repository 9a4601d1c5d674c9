import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Log } from './log.js';

/** An error that the API answers with its status and `{error, message, hint?}`. */
export class Problem extends HTTPException {
  override readonly name = 'Problem';

  constructor(
    status: ContentfulStatusCode,
    /** For programs. Stays the same when the wording changes. */
    readonly code: string,
    message: string,
    /** For people. Says what to change. */
    readonly hint?: string,
    /** For programs. Sent as `Retry-After`. */
    readonly retryAfterSeconds?: number,
    /** For the log. */
    cause?: unknown,
  ) {
    super(status, { message, cause });
  }
}

/** The codes of the errors that Hono itself raises. */
const codes: Record<number, string> = { 400: 'request-invalid', 413: 'request-too-large' };

/** Answers every error as JSON. The details of an unexpected one go to the log, never to the caller. */
export function answerWithProblem(error: unknown, context: Context, log: Log) {
  if (error instanceof HTTPException) {
    const { status, message } = error;
    const code = error instanceof Problem ? error.code : (codes[status] ?? 'request-refused');
    const { hint, retryAfterSeconds } = error instanceof Problem ? error : {};
    if (retryAfterSeconds !== undefined) context.header('Retry-After', String(retryAfterSeconds));
    if (status >= 500) log.error({ code, err: error.cause }, message);
    return context.json({ error: code, message, hint }, status);
  }
  // The client has gone, so nobody reads this. Proxies log 499 in that case.
  if (context.req.raw.signal.aborted) return new Response(null, { status: 499 });
  log.error({ err: error }, 'unexpected error');
  return context.json(
    { error: 'internal', message: 'Something failed on the host. Its log says what.' },
    500,
  );
}
