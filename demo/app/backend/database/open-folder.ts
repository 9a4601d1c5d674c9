import { mkdir, mkdtemp, realpath, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import type { Log } from '../log.js';
import { StartError } from '../start-error.js';
import { lockFolder } from './folder-lock.js';
import { migrate } from './migrate.js';
import type { OpenDatabase } from './open.js';
import type { Schema } from './schema.js';

const otherwise = 'Set DATA_FOLDER to another folder, or DATABASE_URL to a PostgreSQL server.';

/** PostgreSQL inside this process, its files in a folder: nothing to install and nothing to start. */
export async function openFolder(location: string, log: Log): Promise<OpenDatabase> {
  const folder = resolve(location);
  await ensureWritable(folder);
  // The real path, because the lock has to be the same one whichever way the folder is reached.
  const unlock = await lockFolder(await realpath(folder));
  // A folder of its own within: PGlite takes only an empty folder or one of its own.
  const files = join(folder, 'postgres');
  const database = new Kysely<Schema>({
    dialect: new PGliteDialect({ pglite: () => PGlite.create(files) }),
  });
  const close = async () => {
    await database.destroy();
    await unlock();
  };
  try {
    await migrate(database, log);
  } catch (error) {
    await close().catch(() => unlock());
    throw new StartError(
      `The database in ${files} cannot be opened: it is damaged, or was made by another version ` +
        `(${error instanceof Error ? error.message : String(error)}). ` +
        `Delete that folder to begin with an empty one. ${otherwise}`,
    );
  }
  return { database, monitoring: database, folder, close };
}

/** Tries it rather than reading permission bits, which say nothing about read-only disks, quotas or root. */
async function ensureWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await rmdir(await mkdtemp(join(folder, 'write-check-')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new StartError(
        `${folder} is to hold the data, but it, or a part of it, is a file. ${otherwise}`,
      );
    }
    throw new StartError(
      `The data folder ${folder} cannot be written to (${code ?? String(error)}). ` +
        `Give the user who runs this the right to write there. ${otherwise}`,
    );
  }
}
