import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError } from '#base';
import { encodeMsgpack } from '#wire';
import type { AgentEvent, Chunk, DeliveryResult, RecordMap, RecordValue } from '../contract.ts';
import type { OutputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { textOf } from '../records/accessor.ts';
import { printJsonRecord, printJsonString } from '../records/json-print.ts';
import { dateKeyOf, printJsonEvents } from './time-key.ts';

/** Events to standard output. */
export const stdoutOutput: OutputPlugin = {
  name: 'stdout',
  options: { format: option.text, json_date_key: option.text, json_date_format: option.text },
  create: (settings, scope) => {
    const format = settings.text('format', 'msgpack').toLowerCase();
    if (
      format !== 'msgpack' &&
      format !== 'json' &&
      format !== 'json_lines' &&
      format !== 'json_stream'
    ) {
      throw settings.problem(
        `stdout: format must be msgpack, json, json_lines or json_stream, not '${format}'`,
        'format',
      );
    }
    const date = dateKeyOf(settings);
    return {
      name: settings.name,
      deliver: async ({ tag, events }) => {
        const text =
          format === 'msgpack'
            ? events.map((event, index) => `[${index}] ${tag}: ${debugText(event)}\n`).join('')
            : `${printJsonEvents(events, format, date, scope.escapeUnicode).trimEnd()}\n`;
        return await new Promise<DeliveryResult>((resolve) => {
          process.stdout.write(text, (error) =>
            resolve(error ? { kind: 'retry', reason: describeError(error) } : { kind: 'ok' }),
          );
        });
      },
    };
  },
};

/** `[[1711334519.633035943, {}], {"log"=>"x"}]`, as Fluent Bit prints MessagePack. */
function debugText({ time, record, metadata }: AgentEvent): string {
  const stamp = `${time.seconds}.${String(time.nanoseconds).padStart(9, '0')}`;
  return `[[${stamp}, ${debugValue(metadata ?? new Map())}], ${debugValue(record)}]`;
}

function debugValue(value: RecordValue): string {
  if (value instanceof Map) {
    const pairs = [...value].map(([key, item]) => `${printJsonString(key)}=>${debugValue(item)}`);
    return `{${pairs.join(', ')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(debugValue).join(', ')}]`;
  if (value === null) return 'nil';
  return typeof value === 'string' ? printJsonString(value) : textOf(value);
}

const fileFormats = ['out_file', 'plain', 'csv', 'ltsv', 'template', 'msgpack'] as const;

/** Events appended to a file. */
export const fileOutput: OutputPlugin = {
  name: 'file',
  options: {
    path: option.text,
    file: option.text,
    format: option.text,
    delimiter: option.text,
    label_delimiter: option.text,
    template: option.text,
    mkdir: option.bool,
    csv_column_names: option.bool,
  },
  create: (settings, scope) => {
    const format = fileFormats.find(
      (name) => name === settings.text('format', 'out_file').toLowerCase(),
    );
    if (format === undefined) {
      throw settings.problem(`file: format must be one of ${fileFormats.join(', ')}`, 'format');
    }
    const delimiter = delimiterOf(settings.text('delimiter', format === 'ltsv' ? 'tab' : ','));
    const labelDelimiter = delimiterOf(settings.text('label_delimiter', ':'));
    const template = settings.text('template', '{time} {message}');
    const folder = settings.text('path', '');
    const lineOf = (event: AgentEvent, tag: string): string => {
      const stamp = `${event.time.seconds}.${String(event.time.nanoseconds).padStart(9, '0')}`;
      const json = (record: RecordMap): string =>
        printJsonRecord(record, { escapeUnicode: scope.escapeUnicode });
      switch (format) {
        case 'out_file':
          return `${tag}: [${stamp}, ${json(event.record)}]\n`;
        case 'plain':
          return `${json(event.record)}\n`;
        case 'csv':
          return `${[stamp, ...event.record.values().map(csvText)].join(delimiter)}\n`;
        case 'ltsv':
          return `${[
            `time${labelDelimiter}${stamp}`,
            ...[...event.record].map(([key, value]) => `${key}${labelDelimiter}${textOf(value)}`),
          ].join(delimiter)}\n`;
        case 'template':
          return `${template.replace(/\{([^}]*)\}/g, (whole, key: string) => {
            if (key === 'time') return stamp;
            const value = event.record.get(key);
            return value === undefined ? whole : textOf(value);
          })}\n`;
        case 'msgpack':
          return '';
      }
    };
    const headed = new Set<string>();
    return {
      name: settings.name,
      deliver: async ({ tag, events }: Chunk) => {
        // A tag may hold any character; it must not lead out of the folder.
        const path = join(
          folder,
          settings.text('file') ?? tag.replaceAll('/', '_').replace(/^\.+$/, '_'),
        );
        const parts: (string | Uint8Array)[] = [];
        if (
          format === 'csv' &&
          settings.bool('csv_column_names', false) &&
          !headed.has(path) &&
          events[0]
        ) {
          parts.push(`${['timestamp', ...events[0].record.keys()].join(delimiter)}\n`);
          headed.add(path);
        }
        for (const event of events) {
          if (format !== 'msgpack') parts.push(lineOf(event, tag));
          else
            parts.push(
              encodeMsgpack([event.time.seconds + event.time.nanoseconds / 1e9, event.record]),
            );
        }
        try {
          if (settings.bool('mkdir', false)) await mkdir(dirname(path), { recursive: true });
          await appendFile(
            path,
            Buffer.concat(
              parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)),
            ),
          );
          return { kind: 'ok' };
        } catch (error) {
          return { kind: 'retry', reason: describeError(error) };
        }
      },
    };
  },
};

function delimiterOf(name: string): string {
  return { tab: '\t', space: ' ', comma: ',', '\\t': '\t' }[name.toLowerCase()] ?? name;
}

function csvText(value: RecordValue): string {
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : textOf(value);
}

/** Takes everything and keeps nothing. */
export const nullOutput: OutputPlugin = {
  name: 'null',
  options: { format: option.noEffect('nothing is written') },
  create: (settings) => ({ name: settings.name, deliver: async () => ({ kind: 'ok' }) }),
};

/** Prints how many events passed. */
export const counterOutput: OutputPlugin = {
  name: 'counter',
  options: {},
  create: (settings, scope) => {
    let total = 0;
    return {
      name: settings.name,
      deliver: async ({ events }) => {
        total += events.length;
        process.stdout.write(`${scope.clock.nowMs() / 1000},${events.length} (total = ${total})\n`);
        return { kind: 'ok' };
      },
    };
  },
};
