import { migrateServer } from './backend/database/open-server.js';
import { createLog } from './backend/log.js';
import { StartError } from './backend/start-error.js';

/*
 * npm run migrate: brings a server's tables up to date before a release's processes start. They would do it themselves,
 * but perhaps as a user without the rights, or at a bad time.
 */
const variable = process.env.MIGRATION_DATABASE_URL?.trim()
  ? 'MIGRATION_DATABASE_URL'
  : 'DATABASE_URL';
const url = process.env[variable]?.trim();

try {
  if (!url) throw new StartError('Set MIGRATION_DATABASE_URL or DATABASE_URL to a server.');
  await migrateServer(url, createLog('info', []), variable);
  console.log('The tables are up to date.');
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
