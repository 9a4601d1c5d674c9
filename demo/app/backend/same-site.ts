import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { OwnOrigins } from '../http/own-origins.js';
import { Problem } from './problem.js';

export type SiteGuards = ReturnType<typeof siteGuards>;

/** Protects the API against pages of other sites (CSRF) and against foreign host names (DNS rebinding). */
export function siteGuards(origins: OwnOrigins) {
  /**
   * Refuses requests with a foreign host name. If an attacker's name resolves to this address (DNS rebinding), their
   * page has the same origin as this server, and no other check would stop it.
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
   * Whether to accept a request's cookies (CSRF). Browsers send `Origin` with every request that changes something, and
   * newer ones send `Sec-Fetch-Site` with every request. A request without either isn't from a browser, so another
   * site's page can't have sent it.
   *
   * hono/csrf doesn't fit: it leaves cross-site DELETE to CORS, and refuses DELETE from command-line clients.
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
