import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../start-error.js';

/** The folders that this process holds. A lock file with our own number that is not in here is an old one. */
const held = new Set<string>();

/**
 * Makes this process the only one that uses the folder. PGlite does not see to it, and two of them on the same
 * files destroy the database.
 *
 * The lock is a file with the process's number, as PostgreSQL's own `postmaster.pid` is. One that a crash left
 * behind is recognised by nobody having that number any more.
 *
 * @returns what releases the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'process.pid');
  if (!(await claim(file))) {
    const owner = Number(await readFile(file, 'utf8').catch(() => ''));
    if (isRunning(owner, file)) throw inUse(folder, file, owner);
    await rm(file, { force: true });
    if (!(await claim(file))) throw inUse(folder, file);
  }
  held.add(file);
  return async () => {
    if (held.delete(file)) await rm(file, { force: true });
  };
}

async function claim(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isRunning(owner: number, file: string): boolean {
  if (!Number.isInteger(owner) || owner <= 0) return false;
  // In a container every start may get the same number, so ours does not mean that it is us.
  if (owner === process.pid) return held.has(file);
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(folder: string, file: string, owner?: number): StartError {
  return new StartError(
    `The data folder ${folder} is in use by another process${owner ? ` (${owner})` : ''}. ` +
      `Stop that one, or set DATA_FOLDER to another folder. If no such process runs, delete ${file}.`,
  );
}
