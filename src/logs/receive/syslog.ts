import { createSocket } from 'node:dgram';
import { AppError, describeError } from '#base';
import { Collector, failureReason, ReceiverMetrics } from './collector.ts';
import type { EventRouting, ReceiveDeps } from './contract.ts';
import { facilityNames, parseSyslog, severityNames } from './syslog-parse.ts';
import { appendPatiently, listenForStreams, type StreamConnection, splitAddress } from './tcp.ts';
import { compileTemplate, type Template } from './template.ts';

export const syslogDefaults: Required<EventRouting> = {
  group: '/nunchi/syslog/{host|source}',
  stream: "{app|'messages'}",
};

export interface SyslogOptions {
  /** `host:port`, for both TCP and UDP; port 0 takes a free one (the same for both). */
  readonly listen: string;
  readonly udp?: boolean;
  readonly routing?: EventRouting;
  /** Minutes that RFC 3164 senders' clocks are ahead of UTC. Default 0. */
  readonly zoneOffsetMinutes?: number;
  readonly maxConnections?: number;
}

export interface SyslogServer extends AsyncDisposable {
  readonly port: number;
}

/** RFC 5425 asks for 2 KiB at least; programs write far longer lines. */
const maxMessageBytes = 1024 * 1024;
const idleTimeoutMs = 60 * 60_000;
/** Datagrams waiting for the store; past it they are dropped, which is what UDP promises. */
const maxQueuedDatagramBytes = 16 * 1024 * 1024;

/**
 * Listens for syslog over TCP (octet counting or a line feed between messages, RFC 6587) and UDP,
 * RFC 5424 or RFC 3164. The message is JSON: `host, app, pid, severity, facility, messageId, data,
 * message`. Placeholders: `host`, `app`, `facility`, `severity`, `source` (peer address).
 * @throws {AppError} LISTEN_FAILED, INVALID_TEMPLATE
 */
export async function startSyslogServer(
  options: SyslogOptions,
  deps: ReceiveDeps,
): Promise<SyslogServer> {
  const metrics = new ReceiverMetrics('syslog', deps.metrics);
  const log = deps.log.child('logs/receive');
  const router = new SyslogRouter(options, deps);
  await using parts = new AsyncDisposableStack();
  const tcp = parts.use(
    await listenForStreams(
      { listen: options.listen, maxConnections: options.maxConnections ?? 256, idleTimeoutMs },
      async (connection) => {
        const { socket, source, signal } = connection;
        try {
          await serveStream(connection);
        } catch (error) {
          if (signal.aborted) return;
          metrics.failed(failureReason(error));
          log.warn('Syslog connection closed', { source, reason: describeError(error) });
          socket.destroy();
        }
      },
    ),
  );
  if (options.udp !== false) {
    const address = { ...splitAddress(options.listen), port: tcp.port };
    parts.use(await listenForDatagrams(address, router, deps, metrics));
  }

  async function serveStream(connection: StreamConnection): Promise<void> {
    const { socket, source, signal } = connection;
    const frames = new SyslogFrames();
    const collector = new Collector(deps, metrics);
    const take = (lines: readonly string[]): Promise<void> =>
      connection.busy(async () => {
        for (const line of lines) router.add(line, source, collector);
        await appendPatiently(collector, deps, metrics, signal);
      });
    for await (const piece of socket as AsyncIterable<Buffer>) await take(frames.push(piece));
    await take(frames.finish());
  }

  const owned = parts.move();
  return { port: tcp.port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function listenForDatagrams(
  address: { readonly host: string; readonly port: number },
  router: SyslogRouter,
  deps: ReceiveDeps,
  metrics: ReceiverMetrics,
): Promise<AsyncDisposable> {
  const socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4');
  const stopping = new AbortController();
  let queued: { line: string; source: string }[] = [];
  let queuedBytes = 0;
  let draining: Promise<void> | undefined;
  const drain = async (): Promise<void> => {
    while (queued.length > 0) {
      const taken = queued;
      queued = [];
      queuedBytes = 0;
      const collector = new Collector(deps, metrics);
      for (const { line, source } of taken) router.add(line, source, collector);
      try {
        await appendPatiently(collector, deps, metrics, stopping.signal);
      } catch (error) {
        metrics.rejected(collector.events, failureReason(error));
        deps.log.child('logs/receive').warn('Syslog datagrams lost', {
          events: collector.events,
          reason: describeError(error),
        });
      }
    }
    draining = undefined;
  };
  socket.on('message', (bytes, peer) => {
    if (queuedBytes + bytes.length > maxQueuedDatagramBytes) {
      metrics.rejected(1, 'queue_full');
      return;
    }
    queuedBytes += bytes.length;
    queued.push({ line: bytes.toString('utf8').trimEnd(), source: peer.address });
    draining ??= drain();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => {
      reject(
        new AppError(
          'LISTEN_FAILED',
          `Cannot listen on UDP ${address.host}:${address.port}: ${describeError(error)}`,
          { cause: error },
        ),
      );
    });
    socket.bind(address.port, address.host, resolve);
  });
  socket.on('error', () => metrics.failed('udp'));
  let stopped: Promise<void> | undefined;
  return {
    [Symbol.asyncDispose]: () => {
      stopped ??= (async () => {
        await new Promise<void>((resolve) => socket.close(() => resolve()));
        const timer = setTimeout(() => stopping.abort(), 2000);
        await draining;
        clearTimeout(timer);
      })();
      return stopped;
    },
  };
}

/** Cuts a TCP stream into messages: `123 <34>…` by its count, else by line feed. */
export class SyslogFrames {
  #pending: Buffer = Buffer.alloc(0);

  /** @throws {AppError} WIRE_TOO_LARGE */
  push(piece: Uint8Array): string[] {
    let bytes =
      this.#pending.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#pending, piece]);
    const found: string[] = [];
    for (;;) {
      const counted =
        bytes[0] !== undefined && bytes[0] >= 0x31 && bytes[0] <= 0x39
          ? /^(\d{1,9}) </.exec(bytes.toString('latin1', 0, 12))
          : null;
      let start = 0;
      let end: number;
      let next: number;
      if (counted !== null) {
        const count = Number(counted[1]);
        if (count > maxMessageBytes) throw tooLarge();
        start = counted[1]!.length + 1;
        end = start + count;
        next = end;
        if (end > bytes.length) break;
      } else {
        end = bytes.indexOf(0x0a);
        next = end + 1;
        // A count may still be arriving.
        if (end === -1) break;
      }
      const line = bytes.toString('utf8', start, end).replace(/[\r\n\0]+$/, '');
      if (line !== '') found.push(line);
      bytes = bytes.subarray(next);
    }
    if (bytes.length > maxMessageBytes + 16) throw tooLarge();
    this.#pending = bytes;
    return found;
  }

  /** What stands after the last line feed when the sender is gone. */
  finish(): string[] {
    const line = this.#pending.toString('utf8').trimEnd();
    this.#pending = Buffer.alloc(0);
    return line === '' ? [] : [line];
  }
}

const tooLarge = (): AppError =>
  new AppError('WIRE_TOO_LARGE', `A syslog message is longer than ${maxMessageBytes} bytes`);

class SyslogRouter {
  readonly #group: Template;
  readonly #stream: Template;
  readonly #deps: ReceiveDeps;
  readonly #zoneOffsetMinutes: number;

  constructor(options: SyslogOptions, deps: ReceiveDeps) {
    this.#group = compileTemplate(options.routing?.group ?? syslogDefaults.group);
    this.#stream = compileTemplate(options.routing?.stream ?? syslogDefaults.stream);
    this.#deps = deps;
    this.#zoneOffsetMinutes = options.zoneOffsetMinutes ?? 0;
  }

  add(line: string, source: string, collector: Collector): void {
    const nowMs = this.#deps.clock.nowMs();
    const parsed = parseSyslog(line, nowMs, this.#zoneOffsetMinutes);
    const severity = parsed.severity === undefined ? undefined : severityNames[parsed.severity];
    const facility = parsed.facility === undefined ? undefined : facilityNames[parsed.facility];
    const values: Readonly<Record<string, string | undefined>> = {
      host: parsed.host,
      app: parsed.app,
      facility,
      severity,
      source,
    };
    const lookup = (name: string): string | undefined =>
      Object.hasOwn(values, name) ? values[name] : undefined;
    const message = JSON.stringify({
      host: parsed.host,
      app: parsed.app,
      pid: parsed.pid,
      severity,
      facility,
      messageId: parsed.messageId,
      data: parsed.data,
      message: parsed.text,
    });
    const toGroup = this.#group.render(lookup);
    collector.add(toGroup, this.#stream.render(lookup), parsed.timeMs ?? nowMs, message);
  }
}
