import type { Log } from './log.js';

/**
 * If an uncaught error ends this process, logs why in one line. For start scripts only: a library must not end a
 * process.
 */
export function exitOnUncaughtError(log: Log): void {
  // Rejections that nobody handles come here too, unless Node's flags say otherwise.
  process.on('uncaughtException', (error: unknown, origin) => {
    log.fatal({ err: error, origin }, 'ended by an error that nobody caught');
    // If the log goes to a pipe, the line may not be out yet.
    process.stdout.write('', () => process.exit(1));
  });
}
