import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../start-error.js';

/** This process's lock files. Any other file with this process's id is left over from a crash. */
const held = new Set<string>();

/** Longer than another process needs between two of the steps below. */
const settleMs = 200;

/**
 * Locks the folder for this process. PGlite doesn't do it, and two processes on the same files destroy the database.
 *
 * The lock is a file with the process id, like PostgreSQL's own `postmaster.pid`. If no process has that id, the file
 * is left over from a crash.
 *
 * @param folder its real path
 * @returns a function that unlocks the folder
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'process.pid');
  if (held.has(file)) throw inUse(folder, file, process.pid);
  held.add(file);
  try {
    const owner = await claim(file);
    if (owner !== process.pid) throw inUse(folder, file, owner);
  } catch (error) {
    held.delete(file);
    throw error;
  }
  let isHeld = true;
  return async () => {
    if (!isHeld) return;
    isHeld = false;
    await rm(file, { force: true });
    held.delete(file);
  };
}

/** @returns the id of the process that has the lock now */
async function claim(file: string): Promise<number> {
  if (await create(file)) return process.pid;
  let owner = await readOwner(file);
  if (!owner) {
    // Another process may have created it, but not written to it yet.
    await delay(settleMs);
    owner = await readOwner(file);
  }
  if (isRunning(owner)) return owner;
  await rm(file, { force: true });
  await create(file);
  // Another process may have removed the old one at the same time. The last one to write has the lock.
  await delay(settleMs);
  return readOwner(file);
}

async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** @returns 0 if the file is missing or empty */
async function readOwner(file: string): Promise<number> {
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(owner) && owner > 0 ? owner : 0;
}

function isRunning(owner: number): boolean {
  // In a container, every start may get the same process id. lockFolder() has checked for this process's own locks.
  if (owner === 0 || owner === process.pid) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    // EPERM: it is running as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(folder: string, file: string, owner: number): StartError {
  return new StartError(
    `The data folder ${folder} is in use by another process (${owner}). ` +
      `Stop that process, or set DATA_FOLDER to another folder. If there is no such process, delete ${file}.`,
  );
}
