import { AppError, backoffMs, systemClock } from '#base';
import { authHeaders, type ClientFlags, callServer, expandGroups } from './client.ts';
import { printable } from './query.ts';

export interface TailFlags extends ClientFlags {
  readonly filterPattern?: string | undefined;
  readonly stream: readonly string[];
  readonly streamPrefix: readonly string[];
  readonly format: 'short' | 'long' | 'json';
}

/** Events as they arrive: time, index of the group, stream, message, pointer. */
export interface LiveEvents {
  readonly type: 'events';
  readonly groups: readonly string[];
  readonly events: readonly (readonly [number, number, string, string, string])[];
  readonly dropped: number;
}

type TailMessage =
  | { readonly type: 'subscribed' | 'heartbeat' }
  | LiveEvents
  | { readonly type: 'error'; readonly code: string; readonly message: string };

/** A connection that lived this long was good: the next loss starts with a short wait again. */
const healthyAfterMs = 30_000;

/** Prints events as they arrive until Ctrl-C; a lost connection is made again. */
export async function runTail(patterns: readonly string[], flags: TailFlags): Promise<void> {
  const groups = await expandGroups(flags, patterns);
  // Tells apart a wrong token from a server that went away.
  await callServer(flags, '/nunchi/session');
  const subscribe = {
    type: 'subscribe',
    groups,
    ...(flags.stream.length > 0 ? { streams: flags.stream } : {}),
    ...(flags.streamPrefix.length > 0 ? { streamPrefixes: flags.streamPrefix } : {}),
    ...(flags.filterPattern === undefined ? {} : { filterPattern: flags.filterPattern }),
  };
  for (let attempt = 0; ; attempt++) {
    const startedMs = systemClock.monotonicMs();
    await follow(flags, JSON.stringify(subscribe));
    if (systemClock.monotonicMs() - startedMs > healthyAfterMs) attempt = 0;
    process.stderr.write('nunchi: the connection was lost, trying again\n');
    await systemClock.sleep(backoffMs(attempt, { baseMs: 500, maxMs: 10_000 }));
  }
}

/** Prints what comes. */
const follow = (flags: TailFlags, subscribe: string): Promise<void> =>
  followEvents(flags, subscribe, { onEvents: (message) => print(message, flags.format) });

export interface FollowOptions {
  readonly onEvents: (message: LiveEvents) => void;
  /** From then on nothing is missed. */
  readonly onSubscribed?: () => void;
  readonly signal?: AbortSignal;
}

/** Resolves when the connection ends, or at the signal. @throws {AppError} what the server refuses */
export function followEvents(
  flags: ClientFlags,
  subscribe: string,
  { onEvents, onSubscribed, signal }: FollowOptions,
): Promise<void> {
  const url = `${flags.server.replace(/^http/, 'ws').replace(/\/+$/, '')}/nunchi/logs/tail`;
  return new Promise((resolve, reject) => {
    // The types of Node's WebSocket know the browser's arguments only.
    const options = { headers: authHeaders(flags) } as unknown as string[];
    const socket = new WebSocket(url, options);
    const stop = (): void => {
      socket.close();
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
    socket.addEventListener('open', () => socket.send(subscribe));
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as TailMessage;
      if (message.type === 'error') {
        reject(new AppError(message.code, message.message));
        socket.close();
      } else if (message.type === 'events') onEvents(message);
      else if (message.type === 'subscribed') onSubscribed?.();
    });
    const end = (): void => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    socket.addEventListener('close', end);
    socket.addEventListener('error', end);
  });
}

function print({ events, groups, dropped }: LiveEvents, format: TailFlags['format']): void {
  let text = '';
  for (const [timestampMs, groupIndex, stream, message] of events) {
    const group = groups[groupIndex] ?? '';
    const time = new Date(timestampMs).toISOString();
    if (format === 'json') text += `${JSON.stringify({ time, group, stream, message })}\n`;
    else if (format === 'short') text += `${printable(message)}\n`;
    else text += `${time} ${stream} ${printable(message)}\n`;
  }
  process.stdout.write(text);
  if (dropped > 0) process.stderr.write(`nunchi: ${dropped} events came too fast to be shown\n`);
}
