const npmPollIntervalMs = 500;

/** @returns a signal that is aborted when the demo should end: by Ctrl+C, a kill, or the end of npm */
export function shutdownSignal(report: (progress: string) => void): AbortSignal {
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
