import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { Connection, Connector } from './connect.ts';
import type { Transport, TransportRequest, TransportResponse } from './contract.ts';
import { plainHeaders } from './http1.ts';

/**
 * Of one stream before its reader takes it. A list over a line of 20 ms gets 25 MB/s with it, and
 * readers that stand still hold no more than this.
 */
const streamWindowBytes = 512 * 1024;
/** Of one connection: readers that stand still must not hold up the others. */
const connectionWindowBytes = 32 * 1024 * 1024;
/** API servers allow 100 to 250 streams; beyond that another connection is opened. */
const maxStreamsPerConnection = 90;
/** A connection that says nothing is asked whether it lives, as client-go does. */
const pingIntervalMs = 30_000;
const pingTimeoutMs = 15_000;
/** Without a stream it is closed. */
const idleTimeoutMs = 120_000;

interface Held {
  readonly session: ClientHttp2Session;
  streams: number;
  idleSinceMs: number;
  pinging: boolean;
}

export interface Http2Times {
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
}

/** All requests and watches over one connection, or a few. */
export class Http2Transport implements Transport {
  readonly #connector: Connector;
  readonly #times: Http2Times;
  readonly #held: Held[] = [];
  #spare: Connection | undefined;
  #opening: Promise<Held> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param first a connection that is open already */
  constructor(
    connector: Connector,
    first?: Connection,
    times: Http2Times = { pingIntervalMs, pingTimeoutMs },
  ) {
    this.#connector = connector;
    this.#spare = first;
    this.#times = times;
  }

  get openConnections(): number {
    return this.#held.length;
  }

  async send(request: TransportRequest): Promise<TransportResponse> {
    const held = await this.#usable();
    request.signal.throwIfAborted();
    const stream = this.#open(held, request);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingHttpHeaders>();
    const { signal } = request;
    const onAbort = (): void => {
      reject(signal.reason);
      // The reader of the body hears it too.
      stream.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('error', reject);
    stream.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      held.streams--;
      held.idleSinceMs = performance.now();
      reject(new Error('the connection was closed'));
    });
    stream.once('response', resolve);
    stream.end(request.body);
    const headers = await promise;
    return {
      status: Number(headers[':status'] ?? 0),
      headers: plainHeaders(headers),
      body: wholeBody(stream),
    };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const { session } of [...this.#held]) session.destroy();
    this.#spare?.socket.destroy();
  }

  #open(held: Held, { method, target, headers, body }: TransportRequest): ClientHttp2Stream {
    const stream = held.session.request(
      {
        ':method': method,
        ':path': target,
        ...headers,
        ...(body !== undefined && { 'content-length': String(body.length) }),
      },
      { endStream: false },
    );
    held.streams++;
    return stream;
  }

  async #usable(): Promise<Held> {
    for (;;) {
      const free = this.#held.find(
        ({ session, streams }) =>
          !session.closed && !session.destroyed && streams < maxStreamsPerConnection,
      );
      if (free !== undefined) return free;
      // Many requests at the start share one new connection.
      this.#opening ??= this.#connect().finally(() => {
        this.#opening = undefined;
      });
      await this.#opening;
    }
  }

  async #connect(): Promise<Held> {
    const { socket, protocol } = this.#spare ?? (await this.#connector.connect());
    this.#spare = undefined;
    if (this.#closed || protocol !== 'http2') {
      socket.destroy();
      throw new Error(
        this.#closed ? 'the client is closed' : 'the server speaks no HTTP/2 any more',
      );
    }
    const http2 = process.getBuiltinModule('node:http2');
    const session = http2.connect(this.#connector.url.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    });
    session.setLocalWindowSize(connectionWindowBytes);
    const held: Held = { session, streams: 0, idleSinceMs: performance.now(), pinging: false };
    this.#held.push(held);
    const forget = (): void => {
      const index = this.#held.indexOf(held);
      if (index !== -1) this.#held.splice(index, 1);
      if (this.#held.length === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    };
    // Its streams have their own errors, which their readers hear.
    session.on('error', () => {});
    session.on('goaway', forget);
    session.on('close', forget);
    this.#timer ??= setInterval(() => this.#look(), this.#times.pingIntervalMs).unref();
    return held;
  }

  /** A connection that is half open does not say so: only a ping without an answer does. */
  #look(): void {
    for (const held of [...this.#held]) {
      const { session } = held;
      if (held.streams === 0 && performance.now() - held.idleSinceMs > idleTimeoutMs) {
        session.close();
        continue;
      }
      if (held.pinging || session.destroyed) continue;
      held.pinging = true;
      const { pingTimeoutMs: limitMs } = this.#times;
      const timer = setTimeout(() => {
        session.destroy(new Error(`no answer to a ping within ${limitMs / 1000} s`));
      }, limitMs).unref();
      session.ping(() => {
        clearTimeout(timer);
        held.pinging = false;
      });
    }
  }
}

/** A stream that ends without its end is an error, not an end. */
async function* wholeBody(stream: ClientHttp2Stream): AsyncGenerator<Buffer> {
  let ended = false;
  stream.once('end', () => {
    ended = true;
  });
  try {
    for await (const piece of stream) yield piece as Buffer;
    if (stream.aborted || stream.rstCode !== 0) throw new Error('the answer was cut');
  } finally {
    if (!ended && !stream.destroyed) stream.close(cancelCode);
  }
}

/** NGHTTP2_CANCEL: the reader has enough. */
const cancelCode = 8;
