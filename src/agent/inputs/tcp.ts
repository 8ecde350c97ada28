import net from 'node:net';
import { AppError, describeError } from '#base';
import { JsonSplitter } from '#wire';
import type { AgentEvent, InputContext, RecordMap } from '../contract.ts';
import type { InputPlugin } from '../fluentbit/plugin.ts';
import { option, type Settings } from '../fluentbit/settings.ts';
import { parseJsonValue } from '../records/json-parse.ts';
import { eventTimeNow } from './clock-time.ts';
import { listen } from './forward.ts';

const maxConnections = 1000;

/** Of one message, unless the configuration says otherwise; Fluent Bit's 32 KB cut real lines off. */
const defaultMessageBytes = 1024 * 1024;

/** Cuts pieces of a connection into messages. @throws {AppError} for what cannot be one */
interface Splitter {
  /** Adds to `records`, also where it then throws. */
  push(piece: Buffer, records: RecordMap[]): void;
  /** What stands behind the last separator when the connection ends. */
  end(): RecordMap[];
}

/** JSON objects, or texts between separators, over plain TCP. */
export const tcpInput: InputPlugin = {
  name: 'tcp',
  options: {
    format: option.text,
    separator: option.text,
    buffer_size: option.text,
    chunk_size: option.noEffect('buffers grow as messages need it'),
    source_address_key: option.text,
  },
  create: (settings, scope) => {
    const format = settings.text('format', 'json').toLowerCase();
    if (format !== 'json' && format !== 'none') {
      throw settings.problem(`tcp: format must be json or none, not '${format}'`, 'format');
    }
    const maxBytes = kilobytes(settings, 'buffer_size') ?? defaultMessageBytes;
    const separator = Buffer.from(unescaped(settings.text('separator', '\\n')));
    const newSplitter = (): Splitter =>
      format === 'json' ? jsonSplitter(maxBytes) : textSplitter(separator, maxBytes);
    const tag = settings.text('tag', settings.name);
    const sourceKey = settings.text('source_address_key');
    return {
      name: settings.name,
      run: async (context, signal) => {
        const sockets = new Set<net.Socket>();
        const talk = async (socket: net.Socket): Promise<void> => {
          const splitter = newSplitter();
          const emit = (records: RecordMap[]): Promise<void> =>
            take(context, tag, records, (record): AgentEvent => {
              if (sourceKey !== undefined) record.set(sourceKey, socket.remoteAddress ?? '');
              return { time: eventTimeNow(scope.clock), record };
            });
          for await (const piece of socket as AsyncIterable<Buffer>) {
            const records: RecordMap[] = [];
            let fault: unknown;
            try {
              splitter.push(piece, records);
            } catch (error) {
              fault = error;
            }
            await emit(records);
            if (fault !== undefined) throw fault;
          }
          await emit(splitter.end());
        };
        const server = net.createServer((socket) => {
          sockets.add(socket);
          socket.on('close', () => sockets.delete(socket));
          talk(socket).catch((error: unknown) => {
            if (!signal.aborted) {
              scope.log.warn('A tcp connection was closed', {
                input: settings.name,
                from: socket.remoteAddress,
                reason: describeError(error),
              });
            }
            socket.destroy();
          });
        });
        server.maxConnections = maxConnections;
        await listen(server, {
          host: settings.text('listen', '0.0.0.0'),
          port: settings.number('port', 5170),
        });
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    };
  },
};

async function take(
  context: InputContext,
  tag: string,
  records: readonly RecordMap[],
  eventOf: (record: RecordMap) => AgentEvent,
): Promise<void> {
  if (records.length > 0) await context.emit(tag, records.map(eventOf));
}

function jsonSplitter(maxBytes: number): Splitter {
  const splitter = new JsonSplitter(false, maxBytes);
  return {
    push: (piece, records) => {
      const texts: Buffer[] = [];
      try {
        splitter.push(piece, texts);
      } finally {
        for (const text of texts) records.push(...recordsOf(text));
      }
    },
    end: () => {
      if (splitter.bufferedBytes > 0) {
        throw new AppError('WIRE_INVALID', 'The connection ended inside a JSON object');
      }
      return [];
    },
  };
}

/** @throws {AppError} WIRE_INVALID */
function recordsOf(text: Buffer): RecordMap[] {
  const value = parseJsonValue(text.toString('utf8'));
  return (Array.isArray(value) ? value : [value]).map((record): RecordMap => {
    if (record instanceof Map) return record;
    throw new AppError('WIRE_INVALID', 'The connection sent what is no JSON object');
  });
}

function textSplitter(separator: Buffer, maxBytes: number): Splitter {
  let rest: Buffer = Buffer.alloc(0);
  const recordOf = (bytes: Buffer): RecordMap => new Map([['log', bytes.toString('utf8')]]);
  return {
    push: (piece, records) => {
      // A separator may lie across two pieces.
      let from = Math.max(0, rest.length - separator.length + 1);
      const bytes = Buffer.concat([rest, piece]);
      let start = 0;
      for (;;) {
        const end = bytes.indexOf(separator, from);
        if (end === -1) break;
        if (end > start) records.push(recordOf(bytes.subarray(start, end)));
        start = end + separator.length;
        from = start;
      }
      rest = bytes.subarray(start);
      if (rest.length > maxBytes) {
        throw new AppError('WIRE_TOO_LARGE', `A message is over ${maxBytes} bytes`);
      }
    },
    end: () => (rest.length === 0 ? [] : [recordOf(rest)]),
  };
}

/** A bare number counts kilobytes, as in Fluent Bit. */
function kilobytes(settings: Settings, key: string): number | undefined {
  const value = settings.text(key);
  if (value === undefined) return undefined;
  const match = /^(\d+)\s*(k|kb|m|mb)?$/i.exec(value);
  const number = Number(match?.[1] ?? 0);
  if (match === null || number === 0) {
    throw settings.problem(`tcp: ${key} must be a number of kilobytes, not '${value}'`, key);
  }
  return number * (/^m/i.test(match[2] ?? '') ? 1024 * 1024 : 1024);
}

/** Configuration files have no other way to write a line end. */
function unescaped(text: string): string {
  const known: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };
  return text.replace(/\\([nrt0\\])/g, (_, letter: string) => known[letter] ?? letter);
}
