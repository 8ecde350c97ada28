import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { AppError, describeError } from '#base';
import {
  decodeForward,
  decodePing,
  encodeForwardAck,
  encodeHelo,
  encodePong,
  JsonSplitter,
  MsgpackStream,
  openForwardEntries,
  passwordDigest,
  sameDigest,
  sharedKeyDigest,
} from '#wire';
import { Collector, failureReason, ReceiverMetrics } from './collector.ts';
import type { EventRouting, ReceiveDeps } from './contract.ts';
import { collectJsonForward } from './forward-json.ts';
import { ForwardRouter } from './forward-router.ts';
import {
  appendPatiently,
  listenForStreams,
  type StreamConnection,
  type StreamListener,
} from './tcp.ts';

export interface ForwardOptions {
  /** `host:port`; port 0 takes a free one. Either this or `unixPath`. */
  readonly listen?: string;
  readonly unixPath?: string;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
  /** Senders must prove that they know it. */
  readonly sharedKey?: string | undefined;
  /** Passwords by user name; with it, senders must log in too. */
  readonly users?: Readonly<Record<string, string>>;
  readonly routing?: EventRouting;
  /** Default 256. */
  readonly maxConnections?: number;
  /** Longest message on the wire. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /** Unfinished messages of all connections together. Default 128 MiB. */
  readonly maxBufferedBytes?: number;
}

/** Bound on a message's entries after decompression. */
const maxEntriesBytes = 64 * 1024 * 1024;
/** JSON messages come one event at a time. */
const maxJsonMessageBytes = 4 * 1024 * 1024;
const handshakeTimeoutMs = 10_000;
const idleTimeoutMs = 10 * 60_000;
/** Messages of a connection that are stored with one append: one fsync, many acknowledgements. */
const appendBytes = 8 * 1024 * 1024;

/**
 * Listens for Fluentd's and Fluent Bit's forward protocol: Message, Forward, PackedForward and
 * CompressedPackedForward, MessagePack or JSON. A message is acknowledged once its events are durable.
 * Placeholders: `tag`, `tag[N]` (dot-separated part, from 0), `source` (peer address),
 * `record.a.b` (member of the record; costs a decode of each record).
 * @throws {AppError} LISTEN_FAILED, TLS_UNREADABLE, INVALID_TEMPLATE
 */
export async function startForwardServer(
  options: ForwardOptions,
  deps: ReceiveDeps,
): Promise<StreamListener> {
  const server = new ForwardServer(options, deps);
  return await listenForStreams(
    {
      ...(options.listen === undefined ? {} : { listen: options.listen }),
      ...(options.unixPath === undefined ? {} : { unixPath: options.unixPath }),
      ...(options.tls === undefined ? {} : { tls: options.tls }),
      maxConnections: options.maxConnections ?? 256,
      idleTimeoutMs,
    },
    (connection) => server.serve(connection),
  );
}

class ForwardServer {
  readonly #options: ForwardOptions;
  readonly #deps: ReceiveDeps;
  readonly #metrics: ReceiverMetrics;
  readonly #router: ForwardRouter;
  readonly #maxMessageBytes: number;
  readonly #maxBufferedBytes: number;
  #bufferedBytes = 0;

  constructor(options: ForwardOptions, deps: ReceiveDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#metrics = new ReceiverMetrics('forward', deps.metrics);
    this.#router = new ForwardRouter(options.routing ?? {});
    this.#maxMessageBytes = options.maxMessageBytes ?? 16 * 1024 * 1024;
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 128 * 1024 * 1024;
  }

  async serve(connection: StreamConnection): Promise<void> {
    const { socket, source, signal } = connection;
    let held = 0;
    try {
      const hold = (bytes: number): void => {
        this.#bufferedBytes += bytes - held;
        held = bytes;
        if (this.#bufferedBytes > this.#maxBufferedBytes) {
          throw new AppError(
            'WIRE_TOO_LARGE',
            'Unfinished forward messages fill the receive buffer',
          );
        }
      };
      await this.#converse(connection, hold);
    } catch (error) {
      if (signal.aborted) return;
      this.#metrics.failed(failureReason(error));
      this.#deps.log.child('logs/receive').warn('Forward connection closed', {
        source,
        reason: describeError(error),
      });
      socket.destroy();
    } finally {
      this.#bufferedBytes -= held;
    }
  }

  async #converse(connection: StreamConnection, hold: (bytes: number) => void): Promise<void> {
    const { socket, source, signal } = connection;
    const stream = new MsgpackStream(this.#maxMessageBytes);
    let handshake = this.#startHandshake(socket);
    let json: JsonSplitter | undefined;
    let isFirst = true;
    for await (const piece of socket as AsyncIterable<Buffer>) {
      // 0x7b and 0x5b would be the bare numbers 123 and 91: no message starts so in MessagePack.
      if (isFirst && handshake === undefined && (piece[0] === 0x7b || piece[0] === 0x5b)) {
        json = new JsonSplitter(false, maxJsonMessageBytes);
      }
      isFirst = false;
      if (json !== undefined) {
        const splitter = json;
        await connection.busy(async () => {
          const collector = new Collector(this.#deps, this.#metrics);
          const acks = collectJsonForward(splitter.push(piece), this.#router, source, collector);
          await appendPatiently(collector, this.#deps, this.#metrics, signal);
          for (const chunk of acks) socket.write(JSON.stringify({ ack: chunk }));
        });
        hold(json.bufferedBytes);
        continue;
      }
      stream.push(piece);
      if (handshake !== undefined) {
        const ping = stream.next();
        if (ping === undefined) continue;
        handshake(ping);
        handshake = undefined;
      }
      await connection.busy(() => this.#takeMessages(stream, connection));
      hold(stream.bufferedBytes);
    }
  }

  async #takeMessages(stream: MsgpackStream, connection: StreamConnection): Promise<void> {
    const { socket, source, signal } = connection;
    const collector = new Collector(this.#deps, this.#metrics);
    let chunks: string[] = [];
    const flush = async (): Promise<void> => {
      await appendPatiently(collector, this.#deps, this.#metrics, signal);
      // Only now: an acknowledged event is a stored one.
      for (const chunk of chunks) socket.write(encodeForwardAck(chunk));
      chunks = [];
    };
    for (let bytes = stream.next(); bytes !== undefined; bytes = stream.next()) {
      const message = decodeForward(bytes);
      if (message === undefined) continue;
      const { option } = message;
      if (option.signal === 0) {
        const entries = await openForwardEntries(message, maxEntriesBytes);
        this.#router.collect(message.tag, source, entries, collector);
      } else {
        // Metrics and traces: not ours, and resending them would not make them so.
        this.#metrics.rejected(1, 'not_logs');
      }
      if (option.chunk !== undefined) chunks.push(option.chunk);
      if (collector.bytes >= appendBytes) await flush();
    }
    await flush();
  }

  /** Says HELO; gives what must read the PING, undefined when no secret is asked for. */
  #startHandshake(socket: Socket): ((ping: Uint8Array) => void) | undefined {
    const { sharedKey, users } = this.#options;
    if (sharedKey === undefined && users === undefined) return undefined;
    const nonce = randomBytes(16);
    const auth = users === undefined ? Buffer.alloc(0) : randomBytes(16);
    const serverName = hostname();
    socket.write(encodeHelo({ nonce, auth, keepalive: true }));
    const timer = setTimeout(() => socket.destroy(), handshakeTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    return (bytes) => {
      clearTimeout(timer);
      const ping = decodePing(bytes);
      const key = sharedKey ?? '';
      const wanted = sharedKeyDigest({
        salt: ping.salt,
        hostname: ping.hostname,
        nonce,
        sharedKey: key,
      });
      let reason = sameDigest(ping.sharedKeyDigest, wanted) ? '' : 'shared_key mismatch';
      if (reason === '' && users !== undefined) {
        const password = Object.hasOwn(users, ping.username) ? users[ping.username]! : undefined;
        const digest = passwordDigest(auth, ping.username, password ?? '');
        if (password === undefined || !sameDigest(ping.passwordDigest, digest)) {
          reason = 'username/password mismatch';
        }
      }
      const accepted = reason === '';
      const digest = accepted
        ? sharedKeyDigest({ salt: ping.salt, hostname: serverName, nonce, sharedKey: key })
        : '';
      socket.write(encodePong({ accepted, reason, hostname: serverName, sharedKeyDigest: digest }));
      if (!accepted) throw new AppError('UNAUTHENTICATED', `Forward handshake failed: ${reason}`);
    };
  }
}
