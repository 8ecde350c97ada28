import { backoffMs, type Clock, describeError, type Logger } from '#base';
import { platformFailed } from './failures.ts';

const reconnect = { baseMs: 1000, maxMs: 30_000 };
/** A line that is dead tells nobody: it is asked whether it lives. */
const pingMs = 30_000;
/** Without any answer for so long it is made again. */
const silenceMs = 75_000;
const openMs = 15_000;

export interface SocketFrame {
  readonly event?: string;
  readonly data?: { readonly post?: string; readonly sender_name?: string };
  /** Of what we have asked by its number. */
  readonly seq_reply?: number;
  readonly status?: string;
}

export interface SocketDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
  heard(frame: SocketFrame): void;
  /** The line is there again: what was said meanwhile may be missing. */
  isBack(): void;
}

/** Mattermost's web socket, made again for as long as the signal says. */
export async function keepSocket(url: string, token: string, deps: SocketDeps): Promise<void> {
  const { clock, log, signal } = deps;
  let connections = 0;
  for (let tries = 0; !signal.aborted; tries++) {
    const startMs = clock.monotonicMs();
    try {
      await connection(url, token, {
        ...deps,
        heard: (frame) => {
          if (frame.event === 'hello' && connections++ > 0) deps.isBack();
          deps.heard(frame);
        },
      });
    } catch (error) {
      if (!signal.aborted)
        log.warn('Mattermost: the connection is lost, it is made again', {
          reason: describeError(error),
        });
    }
    if (clock.monotonicMs() - startMs > reconnect.maxMs) tries = 0;
    if (!signal.aborted) await clock.sleep(backoffMs(tries, reconnect), signal).catch(() => {});
  }
}

/** Resolves when the connection ends. @throws {AppError} CHAT_PLATFORM_FAILED */
async function connection(
  url: string,
  token: string,
  { clock, signal, heard }: SocketDeps,
): Promise<void> {
  const socket = new WebSocket(url);
  const ended = Promise.withResolvers<void>();
  // Ends what waits for the line, once it has ended.
  const over = new AbortController();
  let lastMs = clock.monotonicMs();
  const close = (): void => socket.close();
  signal.addEventListener('abort', close, { once: true });
  socket.onopen = () =>
    socket.send(JSON.stringify({ seq: 1, action: 'authentication_challenge', data: { token } }));
  socket.onmessage = ({ data }) => {
    lastMs = clock.monotonicMs();
    const frame = frameOf(String(data));
    if (frame?.status === 'FAIL' && frame.seq_reply === 1)
      ended.reject(platformFailed('Mattermost does not take the token'));
    else if (frame !== undefined) heard(frame);
  };
  socket.onerror = () => ended.reject(platformFailed('the web socket failed'));
  socket.onclose = () => ended.resolve();
  const watch = async (): Promise<void> => {
    for (let seq = 2; ; seq++) {
      await clock.sleep(socket.readyState === WebSocket.OPEN ? pingMs : openMs, over.signal);
      if (clock.monotonicMs() - lastMs > silenceMs || socket.readyState !== WebSocket.OPEN)
        return ended.reject(platformFailed('the web socket is silent'));
      socket.send(JSON.stringify({ seq, action: 'ping' }));
    }
  };
  void watch().catch(() => {});
  try {
    await ended.promise;
  } finally {
    over.abort();
    signal.removeEventListener('abort', close);
    close();
  }
}

function frameOf(text: string): SocketFrame | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
