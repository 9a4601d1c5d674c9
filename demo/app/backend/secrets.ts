import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What something is signed with, and behind it older ones that still count while they are replaced. */
export type Secrets = readonly [string, ...string[]];

/**
 * What is signed with where no setting says it: kept in a file of the data folder, so that a restart signs nobody
 * out. Several processes on one database have no such folder, and need the setting.
 */
export async function loadOrCreateSecrets(
  folder: string | undefined,
  name: string,
): Promise<Secrets> {
  const secret = randomBytes(32).toString('base64url');
  if (!folder) return [secret];
  const file = join(folder, name);
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept.length === secret.length) return [kept];
  await writeFile(file, secret, { mode: 0o600 });
  return [secret];
}
