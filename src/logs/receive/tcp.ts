import { readFileSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { AppError, describeError, isAppError } from '#base';
import type { Collector, ReceiverMetrics } from './collector.ts';
import { isRetryable } from './collector.ts';
import type { ReceiveDeps } from './contract.ts';

export interface StreamListenOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen?: string;
  readonly unixPath?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  readonly maxConnections: number;
  /** A connection that says nothing for this long is closed. */
  readonly idleTimeoutMs: number;
}

export interface StreamListener extends AsyncDisposable {
  /** Port in use; 0 for a Unix socket. */
  readonly port: number;
}

export interface StreamConnection {
  readonly socket: net.Socket;
  readonly source: string;
  /** Aborts when the receiver stops. */
  readonly signal: AbortSignal;
  /** Runs a task (store, then acknowledge) that a stop waits for. */
  busy<T>(task: () => Promise<T>): Promise<T>;
}

/** A stop waits this long for appends that are under way. */
const stopTimeoutMs = 5000;

/**
 * Accepts connections and runs `serve` for each; its end, or its failure, closes the connection.
 * Disposing stops listening, closes idle connections, lets busy ones finish, and waits for all.
 * @throws {AppError} LISTEN_FAILED, TLS_UNREADABLE
 */
export async function listenForStreams(
  options: StreamListenOptions,
  serve: (connection: StreamConnection) => Promise<void>,
): Promise<StreamListener> {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const sockets = new Set<net.Socket>();
  const working = new Set<net.Socket>();
  const accept = (socket: net.Socket): void => {
    sockets.add(socket);
    // Read errors end the loop that reads; this one only keeps them from being uncaught.
    socket.on('error', () => {});
    socket.setNoDelay(true);
    socket.setTimeout(options.idleTimeoutMs, () => socket.destroy());
    const connection: StreamConnection = {
      socket,
      source: socket.remoteAddress ?? 'unix',
      signal: stopping.signal,
      busy: async (task) => {
        working.add(socket);
        try {
          return await task();
        } finally {
          working.delete(socket);
          if (stopping.signal.aborted) socket.destroySoon();
        }
      },
    };
    const run = serve(connection)
      .catch(() => {})
      .finally(() => {
        sockets.delete(socket);
        running.delete(run);
        socket.destroySoon();
      });
    running.add(run);
  };
  const server =
    options.tls === undefined
      ? net.createServer(accept)
      : tls.createServer(readTls(options.tls), accept);
  server.maxConnections = options.maxConnections;
  server.on('error', () => {});
  await listen(server, options);
  const address = server.address();
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    stopping.abort(new DOMException('The receiver stops', 'AbortError'));
    // What is being appended gets its acknowledgement; the others have nothing to wait for.
    for (const socket of sockets) if (!working.has(socket)) socket.destroySoon();
    const timer = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, stopTimeoutMs);
    await Promise.allSettled(running);
    clearTimeout(timer);
    await closed;
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** `host:port`, `[::1]:port` or `:port`. @throws {AppError} INVALID_ADDRESS */
export function splitAddress(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  const port = Number(listen.slice(colon + 1));
  if (colon === -1 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AppError('INVALID_ADDRESS', `"${listen}" is not host:port`);
  }
  return { host: listen.slice(0, colon).replaceAll(/^\[|\]$/g, '') || '0.0.0.0', port };
}

async function listen(server: net.Server, options: StreamListenOptions): Promise<void> {
  const { unixPath } = options;
  const where = unixPath ?? options.listen ?? '';
  if (unixPath !== undefined) {
    // A socket file that a killed process left behind would keep us out for ever.
    try {
      if (!(await answers(unixPath))) unlinkSync(unixPath);
    } catch {
      // There was none.
    }
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new AppError('LISTEN_FAILED', `Cannot listen on ${where}: ${describeError(error)}`, {
          cause: error,
        }),
      );
    });
    if (unixPath !== undefined) server.listen(unixPath, resolve);
    else server.listen(splitAddress(where), resolve);
  });
}

function answers(unixPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(unixPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function readTls(files: { readonly certFile: string; readonly keyFile: string }): tls.TlsOptions {
  try {
    return { cert: readFileSync(files.certFile), key: readFileSync(files.keyFile) };
  } catch (error) {
    throw new AppError('TLS_UNREADABLE', `Cannot read the certificate: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/** How long a full store is waited for before the sender is left to try again by itself. */
const maxAppendWaitMs = 60_000;
const appendRetryMs = 1000;

/**
 * Appends with patience: while the store is full the connection is simply not read, which is the
 * back-pressure. @throws what the store throws, after `maxAppendWaitMs` of trying
 */
export async function appendPatiently(
  collector: Collector,
  deps: ReceiveDeps,
  metrics: ReceiverMetrics,
  signal: AbortSignal,
): Promise<void> {
  const startMs = deps.clock.monotonicMs();
  for (;;) {
    try {
      await collector.append();
      return;
    } catch (error) {
      if (!isRetryable(error) || isAppError(error, 'STORE_CLOSED')) throw error;
      if (deps.clock.monotonicMs() - startMs > maxAppendWaitMs) throw error;
      metrics.retried();
      await deps.clock.sleep(appendRetryMs, signal);
    }
  }
}
