import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { OwnOrigins } from '../http/own-origins.js';
import { Problem } from './problem.js';

export type SiteGuards = ReturnType<typeof siteGuards>;

/** What keeps other sites' pages, and names that lead here without being ours, from what a browser may do here. */
export function siteGuards(origins: OwnOrigins) {
  /**
   * Answers for this server's own names only. A page of any other name that leads to this address (DNS rebinding)
   * is of the same origin as what it asks for, so that no other check would hold it off.
   */
  const onlyOwnHosts = createMiddleware(async (context, next) => {
    if (!origins.of(context.req.header('host'))) {
      throw new Problem(
        421,
        'host-refused',
        'This server does not answer for that name.',
        'Set ORIGINS to the addresses at which it is reached.',
      );
    }
    await next();
  });

  /**
   * Whether a request may come with this site's cookies (CSRF). Browsers name the page's origin with every request
   * that changes something, and newer ones say of every request how the page is related to it; what says neither is
   * not a browser and carries no cookie that it was not given.
   *
   * hono/csrf does not do here: it lets cross-site DELETE through to CORS, and refuses a command-line client's.
   */
  const isFromThisSite = ({ req }: Context): boolean => {
    const origin = req.header('origin');
    const relation = req.header('sec-fetch-site');
    const reads = req.method === 'GET' || req.method === 'HEAD';
    const isForeign = origin !== undefined && origin !== origins.of(req.header('host'));
    const isRelated = relation === undefined || relation === 'same-origin' || relation === 'none';
    return isRelated && (reads || !isForeign);
  };

  const onlyFromThisSite = createMiddleware(async (context, next) => {
    if (!isFromThisSite(context)) {
      throw new Problem(403, 'origin-refused', 'Only pages of this site may do that.');
    }
    await next();
  });

  return { onlyOwnHosts, isFromThisSite, onlyFromThisSite };
}
