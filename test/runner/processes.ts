import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();
let isEnding = false;

const killAfterMs = 8000;

/** Starts a program in its own process group, so that everything it starts can be ended with it. */
export const start = (
  command: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess => {
  if (isEnding) throw new Error(`The run is ending, so ${command} was not started`);
  const child = spawn(command, args, { ...options, detached: true });
  running.add(child);
  // A program that can't be started emits 'error' and never 'exit'.
  child.once('error', () => running.delete(child));
  child.once('exit', () => {
    // End the processes that it started and left running.
    signal(child, 'SIGTERM');
    running.delete(child);
  });
  return child;
};

/** Asks a program to end, and kills it if it doesn't. */
export const stop = async (child: ChildProcess): Promise<void> => {
  if (!running.has(child)) return;
  const exited = once(child, 'exit');
  signal(child, 'SIGTERM');
  const kill = setTimeout(() => signal(child, 'SIGKILL'), killAfterMs);
  await exited;
  clearTimeout(kill);
};

/** Ends everything that still runs. After that, start() throws. */
export const stopAll = async (): Promise<void> => {
  isEnding = true;
  await Promise.all([...running].map(stop));
};

const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // It has exited already.
  }
};
