import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { AppError, describeError } from '#base';
import {
  decodeForward,
  decodePing,
  encodeForwardAck,
  encodeHelo,
  encodePong,
  forEachForwardEntry,
  MsgpackStream,
  MsgpackTime,
  type MsgpackValue,
  openForwardEntries,
  passwordDigest,
  sameDigest,
  sharedKeyDigest,
} from '#wire';
import type { AgentEvent, InputContext, RecordMap, RecordValue } from '../contract.ts';
import type { InputPlugin, PluginScope } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';
import { eventTimeOf } from './clock-time.ts';

const maxConnections = 1000;
const maxEntriesBytes = 64 * 1024 * 1024;

/** Events of other shippers over the Fluent forward protocol; acknowledged once they are spooled. */
export const forwardInput: InputPlugin = {
  name: 'forward',
  options: {
    unix_path: option.text,
    unix_perm: option.noEffect('the umask decides'),
    buffer_chunk_size: option.noEffect('buffers grow as messages need it'),
    buffer_max_size: option.size,
    tag_prefix: option.text,
    shared_key: option.text,
    empty_shared_key: option.bool,
    self_hostname: option.text,
    'security.users': option.words(2),
  },
  create: (settings, scope) => {
    const users = new Map(
      settings.texts('security.users').map((line) => {
        const [user = '', password = ''] = splitWords(line, 2);
        return [user, password];
      }),
    );
    const sharedKey =
      settings.text('shared_key') ?? (settings.bool('empty_shared_key', false) ? '' : undefined);
    if (users.size > 0 && sharedKey === undefined)
      throw settings.problem("forward: security.users needs 'shared_key'");
    return {
      name: settings.name,
      run: (context, signal) => serve(settings, scope, { sharedKey, users }, context, signal),
    };
  },
};

interface Security {
  readonly sharedKey: string | undefined;
  readonly users: ReadonlyMap<string, string>;
}

async function serve(
  settings: Settings,
  scope: PluginScope,
  security: Security,
  context: InputContext,
  signal: AbortSignal,
): Promise<void> {
  const server = net.createServer((socket) => {
    void talk(socket, settings, scope, security, context).catch((error: unknown) => {
      scope.log.warn('A forward connection was closed', {
        input: settings.name,
        reason: describeError(error),
      });
      socket.destroy();
    });
  });
  server.maxConnections = maxConnections;
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const path = settings.text('unix_path');
  if (path !== undefined) rmSync(path, { force: true });
  await listen(
    server,
    path ?? { host: settings.text('listen', '0.0.0.0'), port: settings.number('port', 24224) },
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  server.close();
  for (const socket of sockets) socket.destroy();
}

/** @throws {AppError} INPUT_LISTEN_FAILED */
export function listen(
  server: net.Server,
  at: string | { host: string; port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const where = typeof at === 'string' ? at : `${at.host}:${at.port}`;
      reject(new AppError('INPUT_LISTEN_FAILED', `Cannot listen at ${where}`, { cause }));
    });
    if (typeof at === 'string') server.listen(at, resolve);
    else server.listen(at, resolve);
  });
}

async function talk(
  socket: net.Socket,
  settings: Settings,
  scope: PluginScope,
  security: Security,
  context: InputContext,
): Promise<void> {
  const stream = new MsgpackStream(settings.size('buffer_max_size', 6_144_000));
  const prefix = settings.text('tag_prefix');
  const fixedTag = settings.text('tag');
  const hostname = settings.text('self_hostname', scope.hostname);
  const nonce = randomBytes(16);
  const auth = security.users.size > 0 ? randomBytes(16) : new Uint8Array(0);
  let isTrusted = security.sharedKey === undefined;
  if (!isTrusted) socket.write(encodeHelo({ nonce, auth, keepalive: true }));
  for await (const piece of socket as AsyncIterable<Buffer>) {
    stream.push(piece);
    for (let value = stream.next(); value !== undefined; value = stream.next()) {
      if (!isTrusted) {
        isTrusted = answerPing(socket, value, security, { nonce, auth, hostname });
        if (!isTrusted) {
          socket.end();
          return;
        }
        continue;
      }
      const message = decodeForward(value);
      if (message === undefined || message.option.signal !== 0) continue;
      const events: AgentEvent[] = [];
      forEachForwardEntry(await openForwardEntries(message, maxEntriesBytes), (time, reader) => {
        const record = reader.value();
        if (record instanceof Map) {
          events.push({ time: eventTimeOf(time, scope.clock), record: recordOf(record) });
        }
      });
      const tag = fixedTag ?? (prefix === undefined ? message.tag : `${prefix}${message.tag}`);
      if (events.length > 0) await context.emit(tag, events);
      if (message.option.chunk !== undefined) socket.write(encodeForwardAck(message.option.chunk));
    }
  }
}

function answerPing(
  socket: net.Socket,
  bytes: Uint8Array,
  { sharedKey = '', users }: Security,
  own: { readonly nonce: Uint8Array; readonly auth: Uint8Array; readonly hostname: string },
): boolean {
  const ping = decodePing(bytes);
  const { nonce, auth, hostname } = own;
  const { salt } = ping;
  let reason = '';
  if (
    !sameDigest(
      ping.sharedKeyDigest,
      sharedKeyDigest({ salt, hostname: ping.hostname, nonce, sharedKey }),
    )
  ) {
    reason = 'shared_key mismatch';
  } else if (users.size > 0) {
    const password = users.get(ping.username);
    const fits =
      password !== undefined &&
      sameDigest(ping.passwordDigest, passwordDigest(auth, ping.username, password));
    if (!fits) reason = 'username/password mismatch';
  }
  const accepted = reason === '';
  const digest = accepted ? sharedKeyDigest({ salt, hostname, nonce, sharedKey }) : '';
  socket.write(encodePong({ accepted, reason, hostname, sharedKeyDigest: digest }));
  return accepted;
}

function recordOf(map: ReadonlyMap<string, MsgpackValue>): RecordMap {
  const record: RecordMap = new Map();
  for (const [key, value] of map) record.set(key, recordValueOf(value));
  return record;
}

function recordValueOf(value: MsgpackValue): RecordValue {
  if (value instanceof Map) return recordOf(value);
  if (Array.isArray(value)) return value.map(recordValueOf);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (value instanceof MsgpackTime) return value.seconds;
  if (typeof value === 'object' && value !== null) return null;
  return value as RecordValue;
}
