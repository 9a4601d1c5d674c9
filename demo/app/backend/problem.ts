import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Log } from './log.js';

/** What the API answers instead of a result: `{error, message, hint?}` with a status of its own. */
export class Problem extends HTTPException {
  override readonly name = 'Problem';

  constructor(
    status: ContentfulStatusCode,
    /** For programs: stays the same when the wording changes. */
    readonly code: string,
    message: string,
    /** For people: what to change. */
    readonly hint?: string,
    /** For programs: ask again after this many seconds, sent as `Retry-After`. */
    readonly retryAfterSeconds?: number,
    /** For the log. */
    cause?: unknown,
  ) {
    super(status, { message, cause });
  }
}

/** The codes of the errors that Hono itself raises. */
const codes: Record<number, string> = { 400: 'request-invalid', 413: 'request-too-large' };

/** Every error leaves the API as JSON; what nobody foresaw goes to the log and not to the caller. */
export function answerWithProblem(error: unknown, context: Context, log: Log) {
  if (error instanceof HTTPException) {
    const { status, message } = error;
    const code = error instanceof Problem ? error.code : (codes[status] ?? 'request-refused');
    const { hint, retryAfterSeconds } = error instanceof Problem ? error : {};
    if (retryAfterSeconds !== undefined) context.header('Retry-After', String(retryAfterSeconds));
    if (status >= 500) log.error({ code, err: error.cause }, message);
    return context.json({ error: code, message, hint }, status);
  }
  // Nobody reads this. 499 is what proxies log for a client that has gone.
  if (context.req.raw.signal.aborted) return new Response(null, { status: 499 });
  log.error({ err: error }, 'unexpected error');
  return context.json(
    { error: 'internal', message: 'Something failed on the host. Its log says what.' },
    500,
  );
}
