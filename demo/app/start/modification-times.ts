import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** When a file was last changed, in milliseconds; 0 for one that does not exist. */
export async function modifiedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/** When anything was last changed in a folder, or a file itself; what was built from it does not count. */
export async function newestIn(path: string): Promise<number> {
  const below = await readdir(path, { recursive: true }).catch(() => []);
  const sources = below.filter((name) => !/(^|[\\/])dist([\\/]|$)/.test(name));
  const times = [path, ...sources.map((name) => join(path, name))].map(modifiedAt);
  return Math.max(...(await Promise.all(times)));
}
