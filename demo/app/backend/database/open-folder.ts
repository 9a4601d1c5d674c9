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

const alternatives = 'Set DATA_FOLDER to another folder, or DATABASE_URL to a PostgreSQL server.';

/** Opens the embedded PostgreSQL, which runs in this process and needs no installation. */
export async function openFolder(location: string, log: Log): Promise<OpenDatabase> {
  const folder = resolve(location);
  await ensureWritable(folder);
  // The real path, so that it is the same lock for every symbolic link to the folder.
  const unlock = await lockFolder(await realpath(folder));
  // A subfolder, because PGlite accepts only an empty folder or its own.
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
        `Delete that folder to begin with an empty one. ${alternatives}`,
    );
  }
  return { database, monitoring: database, folder, close };
}

/** Tries to write, because permission bits say nothing about read-only disks, quotas or root. */
async function ensureWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await rmdir(await mkdtemp(join(folder, 'write-check-')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw new StartError(
        `${folder} cannot be the data folder, because it, or a part of its path, is a file. ${alternatives}`,
      );
    }
    throw new StartError(
      `The data folder ${folder} cannot be written to (${code ?? String(error)}). ` +
        `Give this process's user write permission there. ${alternatives}`,
    );
  }
}
