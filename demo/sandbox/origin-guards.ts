import { createMiddleware } from 'hono/factory';
import { cors } from 'hono/cors';
import type { OwnOrigins } from '../app/http/own-origins.js';
import { answerError } from './errors.js';

/** Refuses requests for other host names than this server's own, which protects against DNS rebinding. */
export const onlyOwnHosts = (origins: OwnOrigins) =>
  createMiddleware(async (c, next) => {
    if (origins.of(c.req.header('host'))) return next();
    return answerError(c, 421, 'The sandbox does not answer for that name.');
  });

/**
 * Lets only pages of the sandbox's own origin and of trusted origins read and write. A request without an origin comes
 * from a test or another program on this machine, not from a page, and is let through.
 */
export function onlyTrustedPages(origins: OwnOrigins, trusted: readonly string[]) {
  const isTrusted = (origin: string, host: string | undefined) =>
    trusted.includes(origin) || origin === origins.of(host);
  const answerPreflight = cors({ origin: [...trusted] });
  return createMiddleware(async (c, next) => {
    const origin = c.req.header('origin');
    const isKnown = origin !== undefined && isTrusted(origin, c.req.header('host'));
    // Browsers send an origin with every request that may write or whose answer a page may read. Other sites can still
    // send requests without one.
    const isForeign = origin === undefined && c.req.header('sec-fetch-site') === 'cross-site';
    if (isForeign || (origin !== undefined && !isKnown)) {
      return answerError(c, 403, 'Pages of this origin may not do that in the sandbox.');
    }
    return answerPreflight(c, next);
  });
}
