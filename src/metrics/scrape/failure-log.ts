import { appendFile } from 'node:fs/promises';
import { describeError, type Logger } from '#base';

/** Lines that wait while a disk is slow; more are left out. */
const maxWaiting = 1000;

/** `scrape_failure_log_file`: JSON lines, one after the other, never holding a scrape up. */
export function createFailureLog(
  log: Logger,
): (file: string, line: Readonly<Record<string, unknown>>) => void {
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  let hasFailed = false;
  return (file, line) => {
    if (waiting >= maxWaiting) return;
    waiting++;
    last = last
      .then(() => appendFile(file, `${JSON.stringify(line)}\n`))
      .then(
        () => {
          hasFailed = false;
        },
        (error: unknown) => {
          if (!hasFailed) {
            log.warn('Cannot write the log of failed scrapes', {
              file,
              reason: describeError(error),
            });
          }
          hasFailed = true;
        },
      )
      .finally(() => {
        waiting--;
      });
  };
}
