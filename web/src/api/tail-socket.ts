import { apiUrl } from './client.ts';
import type { WireTailMessage, WireTailSubscribe } from './logs.ts';

export type TailState = 'connecting' | 'live' | 'reconnecting' | 'refused' | 'closed';

export interface TailListener {
  readonly onMessage: (message: Extract<WireTailMessage, { type: 'events' }>) => void;
  /** `detail`: the server's words for `refused`; for `live` the filter pattern explained. */
  readonly onState: (state: TailState, detail?: string) => void;
}

export interface TailSocket {
  /** Replaces what is followed, without a gap in the connection. */
  subscribe(request: Omit<WireTailSubscribe, 'type'>): void;
  close(): void;
}

/** The server sends something at least every 15 s; a line this silent is dead. */
const silenceMs = 40_000;
const maxRetryMs = 15_000;

/** Follows new events; connects again by itself, with growing pauses and the same subscription. */
export function openTail(
  request: Omit<WireTailSubscribe, 'type'>,
  listener: TailListener,
): TailSocket {
  let wanted = request;
  let socket: WebSocket | undefined;
  let retry = 0;
  let watchdog = 0;
  let tries = 0;
  let isClosed = false;

  const send = (): void => {
    if (socket?.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify({ type: 'subscribe', ...wanted } satisfies WireTailSubscribe));
    }
  };
  const watch = (): void => {
    window.clearTimeout(watchdog);
    watchdog = window.setTimeout(() => socket?.close(), silenceMs);
  };
  const open = (): void => {
    const url = apiUrl('nunchi/logs/tail');
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    listener.onState(tries === 0 ? 'connecting' : 'reconnecting');
    const opened = new WebSocket(url);
    socket = opened;
    opened.onopen = () => {
      send();
      watch();
    };
    opened.onmessage = (event) => {
      watch();
      const message = JSON.parse(event.data as string) as WireTailMessage;
      if (message.type === 'events') listener.onMessage(message);
      else if (message.type === 'subscribed') {
        tries = 0;
        listener.onState('live', message.explain);
      } else if (message.type === 'error') {
        listener.onState('refused', message.message);
      }
    };
    opened.onclose = () => {
      window.clearTimeout(watchdog);
      if (isClosed || socket !== opened) return;
      tries++;
      listener.onState('reconnecting');
      retry = window.setTimeout(open, Math.min(maxRetryMs, 300 * 2 ** Math.min(tries, 6)));
    };
  };
  open();
  return {
    subscribe: (next) => {
      wanted = next;
      send();
    },
    close: () => {
      isClosed = true;
      window.clearTimeout(retry);
      window.clearTimeout(watchdog);
      socket?.close();
      listener.onState('closed');
    },
  };
}
