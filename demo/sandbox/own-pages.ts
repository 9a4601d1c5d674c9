import { createMiddleware } from 'hono/factory';
import { cors } from 'hono/cors';
import type { OwnOrigins } from '../app/http/own-origins.js';
import { answerError } from './errors.js';

/** Answers for this server's own names only: another that leads here (DNS rebinding) brings a foreign page along. */
export const onlyOwnHosts = (origins: OwnOrigins) =>
  createMiddleware(async (c, next) => {
    if (origins.of(c.req.header('host'))) return next();
    return answerError(c, 421, 'The sandbox does not answer for that name.');
  });

/**
 * Lets pages of the sandbox's own origin and of the trusted ones in, to read and to write, and no others. What names
 * no origin is no page: a test, or a program on this machine.
 */
export function onlyTrustedPages(origins: OwnOrigins, trusted: readonly string[]) {
  const isTrusted = (origin: string, host: string | undefined) =>
    trusted.includes(origin) || origin === origins.of(host);
  const answerPreflight = cors({ origin: [...trusted] });
  return createMiddleware(async (c, next) => {
    const origin = c.req.header('origin');
    const isKnown = origin !== undefined && isTrusted(origin, c.req.header('host'));
    // Browsers name the origin of whatever may write or be read; what they do not, another site may still send.
    const isForeign = origin === undefined && c.req.header('sec-fetch-site') === 'cross-site';
    if (isForeign || (origin !== undefined && !isKnown)) {
      return answerError(c, 403, 'Pages of this origin may not do that in the sandbox.');
    }
    return answerPreflight(c, next);
  });
}
