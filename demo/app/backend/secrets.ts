import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The first one signs. Older ones are accepted too while they are being replaced. */
export type Secrets = readonly [string, ...string[]];

/**
 * Returns the default for a secret that isn't set. It is stored in the data folder, so that users stay signed in across
 * a restart. With a database server, there is no such folder, and each process creates its own secret. So if there are
 * several processes, the secret has to be set.
 */
export async function loadOrCreateSecrets(
  folder: string | undefined,
  name: string,
): Promise<Secrets> {
  const secret = randomBytes(32).toString('base64url');
  if (!folder) return [secret];
  const file = join(folder, name);
  const stored = await readFile(file, 'utf8').catch(() => '');
  if (stored.length === secret.length) return [stored];
  await writeFile(file, secret, { mode: 0o600 });
  return [secret];
}
