/** How often it is looked whether npm is still there. */
const every = 500;

/** Is aborted as soon as somebody wants the demo to end. */
export function watchForEnd(say: (progress: string) => void): AbortSignal {
  const ending = new AbortController();
  const end = () => {
    // Ctrl+C reaches this process from the terminal, and may reach it from npm or tsx again.
    if (!ending.signal.aborted) say('Ending.');
    ending.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);

  // npm passes a SIGTERM on to its shell, which ends and leaves us running: seen with npm 11 and dash.
  if (process.env.npm_lifecycle_event && /^(demo|dev)/.test(process.env.npm_lifecycle_event)) {
    const { ppid } = process;
    setInterval(() => {
      if (process.ppid !== ppid) end();
    }, every).unref();
  }
  return ending.signal;
}
