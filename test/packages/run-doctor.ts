import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs the doctor on a token endpoint, and returns its output. Rejects if the doctor finds a problem. */
export async function runDoctor(
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
