import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from '../start-error.js';

/** The files that this process holds. One with our number that is not in here is an old one. */
const held = new Set<string>();

/** Longer than another process needs between two of the steps below. */
const aMoment = 200;

/**
 * Makes this process the only one that uses the folder. PGlite does not see to it, and two of them on the same
 * files destroy the database.
 *
 * The lock is a file with the process's number, as PostgreSQL's own `postmaster.pid` is. One that a crash left
 * behind is recognised by nobody having that number any more.
 *
 * @param folder its real path
 * @returns what releases the folder
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

/** @returns the number of the process that has the lock now */
async function claim(file: string): Promise<number> {
  if (await create(file)) return process.pid;
  let owner = await readOwner(file);
  if (!owner) {
    // Somebody may be between creating and writing it.
    await delay(aMoment);
    owner = await readOwner(file);
  }
  if (isRunning(owner)) return owner;
  await rm(file, { force: true });
  await create(file);
  // Somebody else may have found the old one at the same time: who wrote last has it.
  await delay(aMoment);
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

/** 0 where the file says nothing. */
async function readOwner(file: string): Promise<number> {
  const owner = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isInteger(owner) && owner > 0 ? owner : 0;
}

function isRunning(owner: number): boolean {
  // In a container every start may get the same number. What this process holds itself was looked up before.
  if (owner === 0 || owner === process.pid) return false;
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(folder: string, file: string, owner: number): StartError {
  return new StartError(
    `The data folder ${folder} is in use by another process (${owner}). ` +
      `Stop that one, or set DATA_FOLDER to another folder. If no such process runs, delete ${file}.`,
  );
}
