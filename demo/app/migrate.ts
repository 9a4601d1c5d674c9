import { migrateServer } from './backend/database/open-server.js';
import { createLog } from './backend/log.js';
import { StartError } from './backend/start-error.js';

/*
 * npm run migrate: brings a server's tables up to date before the processes of a release start. They can migrate
 * themselves, but their database user may lack the rights, or the time may be bad.
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
