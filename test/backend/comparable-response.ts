import type { ask } from './test-backend.js';

/** Everything that a client can tell two responses apart by, without the ID and time that each request has. */
export const comparableResponse = ({ status, text, headers }: Awaited<ReturnType<typeof ask>>) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => !['x-request-id', 'date'].includes(name)),
});
