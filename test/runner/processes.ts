import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();
let isEnding = false;

/**
 * Starts a program that can be ended together with everything that it starts: browsers and
 * databases are families of processes.
 */
export const start = (
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess => {
  if (isEnding) throw new Error(`The run is ending: ${command} is not started any more`);
  const child = spawn(command, args, { ...options, detached: true });
  running.add(child);
  // A program that cannot be started reports 'error' and never 'exit'.
  child.once('error', () => running.delete(child));
  child.once('exit', () => {
    // What it started and did not end itself.
    signal(child, 'SIGTERM');
    running.delete(child);
  });
  return child;
};

/** Asks it to end, and ends it where it does not listen. */
export const stop = async (child: ChildProcess): Promise<void> => {
  if (!running.has(child)) return;
  const exited = once(child, 'exit');
  signal(child, 'SIGTERM');
  const impatience = setTimeout(() => {
    signal(child, 'SIGKILL');
  }, 8000);
  await exited;
  clearTimeout(impatience);
};

/** Ends all that is still running, and lets nothing more start. */
export const stopAll = async (): Promise<void> => {
  isEnding = true;
  await Promise.all([...running].map(stop));
};

const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // Gone already.
  }
};
