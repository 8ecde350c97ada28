/**
 * A signal that aborts at the first SIGINT or SIGTERM. The second ends the process at once, for a
 * stop that hangs must not need another terminal.
 */
export function shutdownSignal(onStop: (name: NodeJS.Signals) => void): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(name === 'SIGINT' ? 130 : 143);
    onStop(name);
    controller.abort(new DOMException(`Stopped by ${name}`, 'AbortError'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}
