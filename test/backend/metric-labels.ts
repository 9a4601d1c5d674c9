import packageJson from '../../package.json' with { type: 'json' };
import { picaOperations, picaOutcomes } from '../../demo/app/backend/pica/request-observer.js';

const connections = '/api/connections';

/** Every value that a label of our metrics can have. */
export const labelValues: Record<string, readonly string[]> = {
  method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'],
  route: [
    ...['/healthz', '/readyz', '/dist', '/api/config', '/api/integrations', '/api/credential'],
    ...['/api/authkit/token', '/api/session', '/api/user', connections, `${connections}/:key`],
    ...[`${connections}/:key/test`, 'other'],
  ],
  status: [
    ...['200', '201', '202', '204', '302', '400', '401', '403', '404', '405', '409', '413'],
    ...['415', '421', '429', '499', '500', '502', '503', '504'],
  ],
  operation: picaOperations,
  outcome: [...picaOutcomes, 'repaired', 'failed', 'postponed', 'left_out'],
  change: [
    'added',
    'updated',
    'missing',
    'displaced',
    'dropped',
    'deleted',
    'finished',
    'cancelled',
  ],
  state: ['idle', 'in_use'],
  version: [packageJson.version],
};
