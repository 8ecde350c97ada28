import type { Socket } from 'node:net';

/** From the name to the end of the TLS handshake, proxies included. */
export const connectTimeoutMs = 10_000;

/** Waits for the event that says a socket is open. */
export function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  deadline: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown): void => {
      deadline.removeEventListener('abort', onAbort);
      socket.off('error', end);
      socket.off('close', onClose);
      socket.off(event, onOpen);
      if (error === undefined) {
        resolve();
        return;
      }
      // What still comes from it is nobody's any more.
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onOpen = (): void => end();
    const onAbort = (): void => end(new Error(`no connection within ${connectTimeoutMs / 1000} s`));
    const onClose = (): void => end(new Error('the connection was closed while it was opened'));
    socket.once(event, onOpen);
    socket.once('error', end);
    socket.once('close', onClose);
    if (deadline.aborted) onAbort();
    else deadline.addEventListener('abort', onAbort, { once: true });
  });
}
