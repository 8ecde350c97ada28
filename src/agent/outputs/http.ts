import { compress, MsgpackWriter } from '#wire';
import type { AgentEvent, Chunk, DeliveryResult } from '../contract.ts';
import type { OutputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { HttpClient, tlsOptionsOf } from './http-client.ts';
import {
  compressionOf,
  headersOf,
  httpOptions,
  judgeStatus,
  sendOver,
  urlOf,
} from './http-common.ts';
import { dateKeyOf, printJsonEvents } from './time-key.ts';

const contentTypes = {
  json: 'application/json',
  json_stream: 'application/json',
  json_lines: 'application/x-ndjson',
  msgpack: 'application/msgpack',
} as const;

type Format = keyof typeof contentTypes;

/** Events as the body of a request. */
export const httpOutput: OutputPlugin = {
  name: 'http',
  options: {
    ...httpOptions,
    uri: option.text,
    http_method: option.text,
    format: option.text,
    json_date_key: option.text,
    json_date_format: option.text,
    header_tag: option.text,
    allow_duplicated_headers: option.noEffect('the last header of a name counts'),
    log_response_payload: option.noEffect('answers are logged when they are errors'),
  },
  create: (settings, scope) => {
    const format = settings.text('format', 'msgpack').toLowerCase();
    if (!(format in contentTypes)) {
      throw settings.problem(
        `http: format must be one of ${Object.keys(contentTypes).join(', ')}, not '${format}'`,
        'format',
      );
    }
    const method = settings.text('http_method', 'POST').toUpperCase();
    if (method !== 'POST' && method !== 'PUT')
      throw settings.problem('http: http_method must be POST or PUT', 'http_method');
    const url = urlOf(settings, { port: 80, path: '/' });
    const encoding = compressionOf(settings, ['gzip', 'snappy', 'zstd']);
    const date = dateKeyOf(settings);
    const client = new HttpClient(tlsOptionsOf(settings));
    const headerTag = settings.text('header_tag');
    const fixed = headersOf(settings);
    return {
      name: settings.name,
      deliver: async (chunk: Chunk, signal): Promise<DeliveryResult> => {
        const body =
          format === 'msgpack'
            ? msgpackOf(chunk.events)
            : Buffer.from(
                printJsonEvents(
                  chunk.events,
                  format as Exclude<Format, 'msgpack'>,
                  date,
                  scope.escapeUnicode,
                ),
              );
        const headers = {
          'content-type': contentTypes[format as Format],
          ...(encoding !== 'identity' && { 'content-encoding': encoding }),
          ...(headerTag !== undefined && { [headerTag.toLowerCase()]: chunk.tag }),
          ...fixed,
        };
        const request = { method, url, headers, body: await compress(encoding, body), signal };
        return (await sendOver(client, request, judgeStatus, scope.clock.nowMs())).result;
      },
      close: async () => client.close(),
    };
  },
};

function msgpackOf(events: readonly AgentEvent[]): Buffer {
  const writer = new MsgpackWriter();
  for (const { time, record } of events) writer.arrayHeader(2).time(time).value(record);
  return writer.take();
}
