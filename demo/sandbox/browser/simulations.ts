import type { MiddlewareHandler } from 'hono';
import { answerError } from '../errors.js';

/** How the sandbox can be told to behave: by the folder that it is asked in, `simulate/slow/api/connections`. */
export const simulations = ['denial', 'slow', 'failing-save'] as const;

export type Simulation = (typeof simulations)[number];

export const isSimulation = (name: string | undefined): name is Simulation =>
  simulations.some((simulation) => simulation === name);

/** Long enough to look at what an element shows meanwhile. */
const slowness = 2500;

/** What a simulation knows of a request, and how to ask the sandbox for something else in its place. */
export interface Simulated {
  /** Within the sandbox: `/api/connections`. */
  path: string;
  ask: (request: Request) => Response | Promise<Response>;
}

type Simulate = (simulated: Simulated) => MiddlewareHandler;

/** By name, what happens to a request before the sandbox answers it. */
export const simulate: Record<Simulation, Simulate> = {
  slow:
    ({ path }) =>
    async (_c, next) => {
      if (/^\/(api|link)\//.test(path)) await new Promise((over) => setTimeout(over, slowness));
      await next();
    },

  'failing-save':
    ({ path }) =>
    async (c, next) => {
      if (c.req.method !== 'POST' || path !== '/api/connections') return next();
      // A status that is not tried again by itself.
      return answerError(c, 422, 'The sandbox was told not to save.');
    },

  denial:
    ({ path, ask }) =>
    async (c, next) => {
      const request = `${c.req.method} ${path}`;
      if (request === 'POST /link/connections') {
        return answerError(c, 422, 'The API key was refused.');
      }
      if (request !== 'GET /oauth/consent') return next();
      // As if the user had been asked, and had said no.
      const { origin, pathname } = new URL(c.req.url);
      const body = new URLSearchParams({ ...c.req.query(), decision: 'deny' });
      return ask(new Request(origin + pathname, { method: 'POST', body }));
    },
};
