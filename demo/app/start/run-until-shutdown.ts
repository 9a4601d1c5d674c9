import { once } from 'node:events';
import { StartError } from '../backend/start-error.js';

export type Report = (progress: string) => void;

/** Something that has been started and has to be closed. */
export interface Running {
  close(): Promise<void>;
}

const npmPollIntervalMs = 500;

/**
 * Runs a command that starts servers: prints the message that `start` returns, waits for Ctrl+C, closes the servers and
 * exits.
 *
 * @param start adds to `running` what has to be closed. The last one is closed first.
 */
export async function runUntilShutdown(
  start: (running: Running[], report: Report) => Promise<string>,
): Promise<never> {
  const running: Running[] = [];
  const report: Report = (progress) => console.log(progress);
  const shutdown = shutdownSignal(report);
  const shutdownRequested = once(shutdown, 'abort');
  try {
    const message = await start(running, report);
    // Even after Ctrl+C, let the start finish: a database that is interrupted while it first writes its files can't be
    // opened again.
    if (!shutdown.aborted) report(message);
    await shutdownRequested;
  } catch (error) {
    console.error(error instanceof StartError ? `\n${error.message}` : error);
    process.exitCode = 1;
  } finally {
    for (const one of running.reverse()) await one.close();
  }
  process.exit();
}

/** @returns a signal that is aborted when the command should end: by Ctrl+C, a kill, or the end of npm */
function shutdownSignal(report: Report): AbortSignal {
  const ending = new AbortController();
  const end = () => {
    // Ctrl+C can arrive twice: from the terminal, and passed on by npm or tsx.
    if (!ending.signal.aborted) report('Ending.');
    ending.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);

  // npm passes SIGTERM to its shell only. The shell ends and leaves this process running (npm 11 with dash).
  if (/^(demo|dev)/.test(process.env.npm_lifecycle_event ?? '')) {
    const { ppid } = process;
    setInterval(() => {
      if (process.ppid !== ppid) end();
    }, npmPollIntervalMs).unref();
  }
  return ending.signal;
}
