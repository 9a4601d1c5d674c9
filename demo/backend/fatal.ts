import type { Log } from './log.js';

/**
 * Has this process say in one line of the log why it ends, when it is for an error that nobody caught. What starts a
 * process calls it: a library has no business ending one.
 */
export function endOnUncaughtError(log: Log): void {
  // Rejections that nobody handles come here too, unless Node's flags say otherwise.
  process.on('uncaughtException', (error: unknown, origin) => {
    log.fatal({ err: error, origin }, 'ended by an error that nobody caught');
    // To a pipe, the line may not be out yet.
    process.stdout.write('', () => process.exit(1));
  });
}
