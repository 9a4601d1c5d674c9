import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** What the command says of a token endpoint; rejects where it finds something wrong. */
export async function examine(
  url: string,
  headers: Record<string, string>,
  authkitOrigin: string,
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', 'src/commands/doctor/command.ts', 'doctor', url],
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...['--base-url', authkitOrigin, '--selected-connection', 'Gmail'],
  ]);
  return stdout;
}
