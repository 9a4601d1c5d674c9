import { createMiddleware } from 'hono/factory';
import { Problem } from './problem.js';

/**
 * Refuses what another site's page sends with the user's cookie (CSRF). Browsers name the page's origin with every
 * request that changes something; what names none is not a browser and carries no cookie that it was not given.
 *
 * hono/csrf does not do here: it lets cross-site DELETE through to CORS, and refuses a command-line client's.
 */
export const onlyFromThisSite = createMiddleware(async (context, next) => {
  const { method } = context.req;
  const origin = context.req.header('origin');
  const reads = method === 'GET' || method === 'HEAD';
  if (!reads && origin !== undefined && hostOf(origin) !== context.req.header('host')) {
    throw new Problem(403, 'origin-refused', 'Only pages of this site may do that.');
  }
  await next();
});

function hostOf(origin: string): string | undefined {
  // "null" for sandboxed frames and files.
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
