/**
 * A signal that aborts at the first SIGINT or SIGTERM. The second ends the process at once, for a
 * stop that hangs must not need another terminal.
 */
export function shutdownSignal(
  onStop: (name: NodeJS.Signals) => void,
  options: {
    /** A terminal sends Ctrl-C to the whole group; the parent tells its children itself. */
    readonly ignoreInterrupt?: boolean;
  } = {},
): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    onStop(name);
    controller.abort(new DOMException(`Stopped by ${name}`, 'AbortError'));
  };
  process.on('SIGINT', (name) => {
    if (options.ignoreInterrupt !== true) stop(name);
  });
  process.on('SIGTERM', stop);
  return controller.signal;
}
