import dgram from 'node:dgram';
import { rmSync } from 'node:fs';
import net from 'node:net';
import { AppError, describeError } from '#base';
import type { AgentEvent } from '../contract.ts';
import type { InputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { createParser } from '../parsers/parser.ts';
import { compileTimeFormat } from '../parsers/time-format.ts';
import { compileRegex } from '../regex/compile.ts';
import { eventTimeNow } from './clock-time.ts';
import { listen } from './forward.ts';

const maxQueued = 10_000;

/** Syslog over TCP, UDP or a local socket; without a parser of its own, RFC 3164 and RFC 5424. */
export const syslogInput: InputPlugin = {
  name: 'syslog',
  options: {
    mode: option.text,
    path: option.text,
    unix_perm: option.noEffect('the umask decides'),
    parser: option.text,
    buffer_chunk_size: option.noEffect('buffers grow as lines need it'),
    buffer_max_size: option.size,
    receive_buffer_size: option.noEffect('the kernel’s own size is used'),
    raw_message_key: option.text,
    source_address_key: option.text,
  },
  create: (settings, scope) => {
    const mode = settings.text('mode', 'udp').toLowerCase();
    if (mode !== 'udp' && mode !== 'tcp' && mode !== 'unix_tcp') {
      throw settings.problem(`syslog: mode must be udp, tcp or unix_tcp, not '${mode}'`, 'mode');
    }
    const name = settings.text('parser');
    const named = name === undefined ? undefined : scope.parsers.parser(name);
    if (name !== undefined && named === undefined)
      throw settings.problem(`syslog: parser '${name}' is not registered`, 'parser');
    const parsers = named === undefined ? builtinParsers(scope.clock) : [named];
    const tag = settings.text('tag', settings.name);
    const rawKey = settings.text('raw_message_key');
    const sourceKey = settings.text('source_address_key');
    const maxLine = settings.size('buffer_max_size', 65_536);
    const dropped = scope.metrics.counter(
      'nunchi_agent_syslog_dropped_total',
      'Datagrams dropped as the pipeline did not keep up',
    );
    const eventOf = (line: string, source: string | undefined): AgentEvent => {
      let parsed: ReturnType<(typeof parsers)[number]['parse']>;
      for (const parser of parsers) {
        parsed = parser.parse(line);
        if (parsed !== undefined) break;
      }
      const record = parsed?.record ?? new Map([['log', line]]);
      if (rawKey !== undefined) record.set(rawKey, line);
      if (sourceKey !== undefined && source !== undefined) record.set(sourceKey, source);
      return { time: parsed?.time ?? eventTimeNow(scope.clock), record };
    };
    const listenAt = settings.text('listen', '0.0.0.0');
    const port = settings.number('port', 5140);
    return {
      name: settings.name,
      run: async (context, signal) => {
        const stopped = new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        if (mode === 'udp') {
          const socket = dgram.createSocket(listenAt.includes(':') ? 'udp6' : 'udp4');
          let queue: AgentEvent[] = [];
          let draining: Promise<void> | undefined;
          const drain = async (): Promise<void> => {
            while (queue.length > 0) {
              const events = queue;
              queue = [];
              await context.emit(tag, events);
            }
          };
          socket.on('message', (bytes, from) => {
            if (queue.length >= maxQueued) {
              dropped.add(1, { input: settings.name });
              return;
            }
            queue.push(eventOf(bytes.toString('utf8').replace(/[\r\n\0]+$/, ''), from.address));
            draining ??= drain().finally(() => {
              draining = undefined;
            });
          });
          await new Promise<void>((resolve, reject) => {
            socket.once('error', (cause) =>
              reject(
                new AppError('INPUT_LISTEN_FAILED', `Cannot listen at ${listenAt}:${port}`, {
                  cause,
                }),
              ),
            );
            socket.bind(port, listenAt, resolve);
          });
          await stopped;
          socket.close();
          await draining;
          return;
        }
        const sockets = new Set<net.Socket>();
        const server = net.createServer((socket) => {
          sockets.add(socket);
          socket.on('close', () => sockets.delete(socket));
          void readLines(socket, maxLine, (lines) =>
            context.emit(
              tag,
              lines.map((line) => eventOf(line, socket.remoteAddress)),
            ),
          ).catch((error: unknown) => {
            scope.log.warn('A syslog connection was closed', {
              input: settings.name,
              reason: describeError(error),
            });
            socket.destroy();
          });
        });
        server.maxConnections = 1000;
        if (mode === 'unix_tcp') rmSync(settings.required('path'), { force: true });
        await listen(
          server,
          mode === 'unix_tcp' ? settings.required('path') : { host: listenAt, port },
        );
        await stopped;
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  },
};

/** Lines, or messages that say their length first (`83 <34>…`, RFC 6587). */
async function readLines(
  socket: net.Socket,
  maxLine: number,
  emit: (lines: string[]) => Promise<void>,
): Promise<void> {
  let rest = Buffer.alloc(0);
  for await (const piece of socket as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, piece]);
    const lines: string[] = [];
    for (;;) {
      const counted = /^(\d{1,6}) </.exec(rest.toString('latin1', 0, 10));
      const start = counted === null ? 0 : counted[1]!.length + 1;
      const end = counted === null ? rest.indexOf(10) : start + Number(counted[1]);
      if (end === -1 || end > rest.length) break;
      const line = rest.toString('utf8', start, end).replace(/[\r\n]+$/, '');
      if (line !== '') lines.push(line);
      rest = rest.subarray(counted === null ? end + 1 : end);
    }
    if (rest.length > maxLine)
      throw new AppError('SYSLOG_LINE_TOO_LONG', `A line is over ${maxLine} bytes`);
    if (lines.length > 0) await emit(lines);
  }
  if (rest.length > 0) await emit([rest.toString('utf8')]);
}

function builtinParsers(
  clock: Parameters<typeof createParser>[1],
): ReturnType<typeof createParser>[] {
  const parser = (
    name: string,
    pattern: string,
    timeFormat: string,
  ): ReturnType<typeof createParser> =>
    createParser(
      {
        name,
        format: 'regex',
        regex: compileRegex(pattern),
        timeKey: 'time',
        timeFormat: compileTimeFormat(timeFormat),
        timeKeep: false,
        types: new Map(),
        skipEmptyValues: true,
        noBareKeys: false,
        decoders: [],
      },
      clock,
    );
  return [
    parser(
      'syslog-rfc5424',
      '^<(?<pri>[0-9]{1,5})>1 (?<time>[^ ]+) (?<host>[^ ]+) (?<ident>[^ ]+) (?<pid>[-0-9]+) (?<msgid>[^ ]+) (?<extradata>(?:\\[.*\\]|-)) ?(?<message>.+)?$',
      '%Y-%m-%dT%H:%M:%S.%L%z',
    ),
    parser(
      'syslog-rfc3164',
      '^<(?<pri>[0-9]{1,5})>(?<time>[^ ]* {1,2}[^ ]* [^ ]*) (?<host>[^ ]*) (?<ident>[a-zA-Z0-9_/.-]*)(?:\\[(?<pid>[0-9]+)\\])?(?:[^:]*:)? *(?<message>.*)$',
      '%b %d %H:%M:%S',
    ),
  ];
}
