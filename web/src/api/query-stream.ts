import { apiUrl } from './client.ts';
import type { WireQueryEvent } from './logs.ts';

/** Longest wait between tries while the server is away. */
const maxRetryMs = 10_000;

/**
 * Follows a started query. The server begins with all that has happened so far, so after a broken
 * connection the listener is told `restart` and then gets everything again. Ends by itself with the
 * query's `end`; call the returned function to stop listening sooner (the query itself goes on).
 */
export function followQuery(
  id: string,
  listener: {
    readonly onEvent: (event: WireQueryEvent) => void;
    readonly onRestart: () => void;
    readonly onLost: () => void;
  },
): () => void {
  let source: EventSource | undefined;
  let timer = 0;
  let tries = 0;
  let isClosed = false;
  const close = (): void => {
    isClosed = true;
    window.clearTimeout(timer);
    source?.close();
  };
  const open = (): void => {
    source = new EventSource(apiUrl(`nunchi/logs/queries/${encodeURIComponent(id)}/events`));
    source.onmessage = (message) => {
      tries = 0;
      const event = JSON.parse(message.data as string) as WireQueryEvent;
      if (event.type === 'end') close();
      listener.onEvent(event);
    };
    source.onerror = () => {
      // The browser would reconnect by itself, but without telling that rows will come again.
      source?.close();
      if (isClosed) return;
      tries++;
      if (tries > 6) {
        close();
        listener.onLost();
        return;
      }
      timer = window.setTimeout(
        () => {
          listener.onRestart();
          open();
        },
        Math.min(maxRetryMs, 250 * 2 ** tries),
      );
    };
  };
  open();
  return close;
}
