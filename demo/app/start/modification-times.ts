import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** @returns when a file was last changed, in milliseconds; 0 if it doesn't exist */
export async function modifiedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** @returns when a file, or anything in a folder, was last changed. Ignores `dist` folders. */
export async function lastModifiedIn(path: string): Promise<number> {
  const below = await readdir(path, { recursive: true }).catch(() => []);
  const sources = below.filter((name) => !/(^|[\\/])dist([\\/]|$)/.test(name));
  const times = [path, ...sources.map((name) => join(path, name))].map(modifiedAt);
  return Math.max(...(await Promise.all(times)));
}
