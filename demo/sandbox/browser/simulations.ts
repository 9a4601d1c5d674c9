import type { MiddlewareHandler } from 'hono';
import { answerError } from '../errors.js';

/** Behaviours of the sandbox. The folder in the URL selects one: `simulate/slow/api/connections`. */
export const simulations = ['denial', 'slow', 'failing-save'] as const;

export type Simulation = (typeof simulations)[number];

export const isSimulation = (name: string | undefined): name is Simulation =>
  simulations.some((simulation) => simulation === name);

/** Long enough to see what an element shows while it waits. */
const delayMs = 2500;

/** The request that a simulation changes. */
export interface SimulatedRequest {
  /** The path within the sandbox: `/api/connections`. */
  path: string;
  /** Sends another request to the sandbox. */
  fetchSandbox: (request: Request) => Response | Promise<Response>;
}

type Simulate = (request: SimulatedRequest) => MiddlewareHandler;

/** Middleware of each simulation. It runs before the sandbox answers. */
export const simulate: Record<Simulation, Simulate> = {
  slow:
    ({ path }) =>
    async (_c, next) => {
      if (/^\/(api|link)\//.test(path))
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      await next();
    },

  'failing-save':
    ({ path }) =>
    async (c, next) => {
      if (c.req.method !== 'POST' || path !== '/api/connections') return next();
      // A status for which the elements do not retry.
      return answerError(c, 422, 'The sandbox was told not to save.');
    },

  denial:
    ({ path, fetchSandbox }) =>
    async (c, next) => {
      const request = `${c.req.method} ${path}`;
      if (request === 'POST /link/connections') {
        return answerError(c, 422, 'The API key was refused.');
      }
      if (request !== 'GET /oauth/consent') return next();
      // Answers as if the user had seen the consent page and clicked Deny.
      const { origin, pathname } = new URL(c.req.url);
      const body = new URLSearchParams({ ...c.req.query(), decision: 'deny' });
      return fetchSandbox(new Request(origin + pathname, { method: 'POST', body }));
    },
};
