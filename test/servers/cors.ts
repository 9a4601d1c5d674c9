import type { MiddlewareHandler } from 'hono';

/**
 * Opens a test server to every origin, with credentials. Answers OPTIONS itself unless `preflight`
 * says that the routes below do it (so that a test can make the preflight fail).
 */
export const openCors = ({ preflight }: { preflight: 'here' | 'below' }): MiddlewareHandler => {
  return async (context, next) => {
    if (preflight === 'here' && context.req.method === 'OPTIONS') {
      return context.body(null, 204, corsHeaders(context.req.raw));
    }
    await next();
    for (const [name, value] of Object.entries(corsHeaders(context.req.raw))) {
      context.res.headers.set(name, value);
    }
  };
};

/** What lets the asking origin send this request and read its answer. */
export const corsHeaders = (request: Request): Record<string, string> => ({
  'access-control-allow-origin': request.headers.get('origin') ?? '*',
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
  'access-control-expose-headers': '*',
  vary: 'origin',
});
