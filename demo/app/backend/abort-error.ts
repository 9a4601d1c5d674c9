/** @returns the signal's reason as an Error. The HTTP server aborts with a string, but Hono's handler needs an Error. */
export function abortError({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error('Given up.', { cause: reason });
}
