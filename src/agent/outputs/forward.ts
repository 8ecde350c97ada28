import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type Tls from 'node:tls';
import { AppError, describeError } from '#base';
import {
  compress,
  decodeForwardAck,
  decodeHelo,
  decodeMsgpack,
  decodePong,
  encodeForward,
  encodeForwardEntries,
  encodePing,
  MsgpackStream,
  passwordDigest,
  sameDigest,
  sharedKeyDigest,
} from '#wire';
import type { AgentEvent, Chunk, DeliveryResult, Output } from '../contract.ts';
import type { OutputPlugin, PluginScope } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { parseRecordTemplate, type RecordTemplate } from '../records/accessor.ts';
import { nodeTlsOptions, tlsOptionsOf } from './http-client.ts';

const maxAnswerBytes = 65_536;
const connectTimeoutMs = 10_000;
const answerTimeoutMs = 60_000;

/** Events over the Fluent forward protocol. */
export const forwardOutput: OutputPlugin = {
  name: 'forward',
  options: {
    unix_path: option.text,
    shared_key: option.text,
    empty_shared_key: option.bool,
    self_hostname: option.text,
    username: option.text,
    password: option.text,
    tag: option.text,
    time_as_integer: option.bool,
    send_options: option.bool,
    require_ack_response: option.bool,
    compress: option.text,
    fluentd_compat: option.noEffect('entries are always [time, record]'),
    retain_metadata_in_forward_mode: option.noEffect('metadata is not sent'),
    add_option: option.noEffect('options of messages are size, chunk and compressed'),
  },
  create: (settings, scope) => new ForwardOutput(settings, scope),
};

class ForwardOutput implements Output {
  readonly name: string;
  readonly #settings: Settings;
  readonly #scope: PluginScope;
  readonly #tag: RecordTemplate | undefined;
  readonly #compress: boolean;
  readonly #sharedKey: string | undefined;
  #connection: Connection | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(settings: Settings, scope: PluginScope) {
    this.name = settings.name;
    this.#settings = settings;
    this.#scope = scope;
    const tag = settings.text('tag');
    this.#tag = tag === undefined ? undefined : parseRecordTemplate(tag);
    const compression = settings.text('compress', 'text').toLowerCase();
    if (compression !== 'gzip' && compression !== 'text') {
      throw settings.problem(
        `forward: compress must be gzip or text, not '${compression}'`,
        'compress',
      );
    }
    this.#compress = compression === 'gzip';
    this.#sharedKey =
      settings.text('shared_key') ?? (settings.bool('empty_shared_key', false) ? '' : undefined);
  }

  /** One chunk at a time: acknowledgements come in the order of the messages. */
  deliver(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult> {
    const result = this.#turn.then(() => this.#deliver(chunk, signal));
    this.#turn = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    this.#connection?.close();
  }

  async #deliver(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult> {
    try {
      if (this.#connection === undefined || this.#connection.isClosed) {
        this.#connection = await this.#connect(signal);
      }
      for (const [tag, events] of this.#byTag(chunk))
        await this.#send(this.#connection, tag, events, signal);
      return { kind: 'ok' };
    } catch (error) {
      this.#connection?.close();
      this.#connection = undefined;
      return { kind: 'retry', reason: describeError(error) };
    }
  }

  #byTag({ tag, events }: Chunk): Iterable<[string, readonly AgentEvent[]]> {
    const template = this.#tag;
    if (template === undefined) return [[tag, events]];
    return Map.groupBy(events, ({ record }) => template.render({ tag, record }) ?? tag);
  }

  async #send(
    connection: Connection,
    tag: string,
    events: readonly AgentEvent[],
    signal: AbortSignal,
  ): Promise<void> {
    const settings = this.#settings;
    const timeAsInteger = settings.bool('time_as_integer', false);
    const plain = encodeForwardEntries(events, { timeAsInteger });
    const entries = this.#compress ? await compress('gzip', plain) : plain;
    const wantsAck = settings.bool('require_ack_response', false);
    const chunk = wantsAck ? randomBytes(16).toString('base64') : undefined;
    const hasOptions = wantsAck || this.#compress || settings.bool('send_options', true);
    await connection.write(
      encodeForward(
        tag,
        entries,
        hasOptions
          ? {
              size: events.length,
              signal: 0,
              ...(chunk !== undefined && { chunk }),
              ...(this.#compress && { compressed: 'gzip' as const }),
            }
          : undefined,
      ),
      signal,
    );
    if (chunk === undefined) return;
    const answer = decodeForwardAck(decodeMsgpack(await connection.read(signal)));
    if (answer !== chunk)
      throw new AppError('FORWARD_ACK_WRONG', 'The peer acknowledged another message');
  }

  async #connect(signal: AbortSignal): Promise<Connection> {
    const settings = this.#settings;
    const path = settings.text('unix_path');
    const address =
      path === undefined
        ? { host: settings.text('host', '127.0.0.1'), port: settings.number('port', 24224) }
        : { path };
    const isSecure = settings.bool('tls', false);
    // Only here: TLS takes 9 MB.
    const socket = isSecure
      ? process.getBuiltinModule('node:tls').connect({
          ...address,
          ...nodeTlsOptions(tlsOptionsOf(settings)),
        } as Tls.ConnectionOptions)
      : net.connect(address as net.NetConnectOpts);
    const connection = new Connection(socket);
    try {
      await connection.opened(isSecure ? 'secureConnect' : 'connect', signal);
      if (this.#sharedKey !== undefined) await this.#handshake(connection, this.#sharedKey, signal);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #handshake(connection: Connection, sharedKey: string, signal: AbortSignal): Promise<void> {
    const settings = this.#settings;
    const { nonce, auth } = decodeHelo(await connection.read(signal));
    const hostname = settings.text('self_hostname', this.#scope.hostname);
    const salt = randomBytes(16);
    const username = settings.text('username', '');
    const password = settings.text('password', '');
    const ping = {
      hostname,
      salt,
      sharedKeyDigest: sharedKeyDigest({ salt, hostname, nonce, sharedKey }),
      username: auth.length > 0 ? username : '',
      passwordDigest: auth.length > 0 ? passwordDigest(auth, username, password) : '',
    };
    await connection.write(encodePing(ping), signal);
    const pong = decodePong(await connection.read(signal));
    if (!pong.accepted)
      throw new AppError('FORWARD_REFUSED', `The peer refused the handshake: ${pong.reason}`);
    const wanted = sharedKeyDigest({ salt, hostname: pong.hostname, nonce, sharedKey });
    if (!sameDigest(pong.sharedKeyDigest, wanted)) {
      throw new AppError('FORWARD_REFUSED', 'The peer does not know the shared key');
    }
  }
}

/** A socket on which whole MessagePack values are read, one reader at a time. */
class Connection {
  readonly #socket: net.Socket;
  readonly #stream = new MsgpackStream(maxAnswerBytes);
  readonly #values: Uint8Array[] = [];
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      try {
        this.#stream.push(bytes as Buffer);
        for (let value = this.#stream.next(); value !== undefined; value = this.#stream.next()) {
          this.#values.push(Buffer.from(value));
        }
      } catch (error) {
        socket.destroy(error as Error);
      }
      this.#wake?.();
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => {
      this.#error ??= new AppError('FORWARD_CLOSED', 'The peer closed the connection');
      this.#wake?.();
    });
  }

  get isClosed(): boolean {
    return this.#error !== undefined || this.#socket.destroyed;
  }

  opened(event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
    return this.#until(
      new Promise<void>((resolve, reject) => {
        this.#socket.once(event, () => resolve());
        this.#socket.once('error', reject);
      }),
      connectTimeoutMs,
      signal,
    );
  }

  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return this.#until(
      new Promise<void>((resolve, reject) => {
        this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
      answerTimeoutMs,
      signal,
    );
  }

  async read(signal: AbortSignal): Promise<Uint8Array> {
    for (;;) {
      const value = this.#values.shift();
      if (value !== undefined) return value;
      if (this.#error !== undefined) throw this.#error;
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.#until(changed, answerTimeoutMs, signal);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #until(work: Promise<void>, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    limit.throwIfAborted();
    let onAbort: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(limit.reason);
      limit.addEventListener('abort', onAbort, { once: true });
    });
    try {
      await Promise.race([work, aborted]);
    } finally {
      limit.removeEventListener('abort', onAbort!);
    }
  }
}
