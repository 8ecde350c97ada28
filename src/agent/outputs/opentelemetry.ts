import {
  compress,
  decodeOtlpLogsResponseProto,
  encodeOtlpLogsProto,
  noAttributes,
  type OtlpLogRecord,
  type OtlpValue,
} from '#wire';
import {
  type AgentEvent,
  type Chunk,
  type DeliveryResult,
  RawNumber,
  type RecordMap,
  type RecordValue,
} from '../contract.ts';
import type { OutputPlugin } from '../fluentbit/plugin.ts';
import { option } from '../fluentbit/settings.ts';
import { splitWords } from '../fluentbit/values.ts';
import { parseRecordPath, type RecordPath, textOf, valueAt } from '../records/accessor.ts';
import { HttpClient, tlsOptionsOf } from './http-client.ts';
import { compressionOf, headersOf, httpOptions, sendOver, urlOf } from './http-common.ts';

const retryable: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Events as OTLP logs over HTTP in protobuf. */
export const opentelemetryOutput: OutputPlugin = {
  name: 'opentelemetry',
  options: {
    ...httpOptions,
    logs_uri: option.text,
    metrics_uri: option.noEffect('only logs are sent'),
    traces_uri: option.noEffect('only logs are sent'),
    logs_body_key: option.texts,
    logs_body_key_attributes: option.bool,
    logs_severity_text_message_key: option.text,
    logs_severity_number_message_key: option.text,
    logs_trace_id_message_key: option.text,
    logs_span_id_message_key: option.text,
    batch_size: option.integer,
    add_label: option.words(2),
    log_response_payload: option.noEffect('answers are logged when they are errors'),
    grpc: option.bool,
    http2: option.noEffect('HTTP/1.1 is used'),
  },
  create: (settings, scope) => {
    if (settings.bool('grpc', false))
      throw settings.problem("opentelemetry: 'grpc' is not supported, use OTLP over HTTP", 'grpc');
    const url = urlOf(settings, { port: 4318, path: '/v1/logs' }, 'logs_uri');
    const encoding = compressionOf(settings, ['gzip', 'zstd']);
    const client = new HttpClient(tlsOptionsOf(settings));
    const bodyKeys = settings.texts('logs_body_key');
    const paths: LogPaths = {
      body: (bodyKeys.length > 0 ? bodyKeys : ['$log', '$message']).map(parseRecordPath),
      restAsAttributes: settings.bool('logs_body_key_attributes', false),
      severityText: parseRecordPath(
        settings.text('logs_severity_text_message_key', 'severityText'),
      ),
      severityNumber: parseRecordPath(
        settings.text('logs_severity_number_message_key', 'severityNumber'),
      ),
      traceId: parseRecordPath(settings.text('logs_trace_id_message_key', 'traceId')),
      spanId: parseRecordPath(settings.text('logs_span_id_message_key', 'spanId')),
    };
    const resource = new Map<string, OtlpValue>(
      settings.texts('add_label').map((line) => {
        const [key = '', value = ''] = splitWords(line, 2);
        return [key, value];
      }),
    );
    const batchSize = Math.max(1, settings.number('batch_size', 1000));
    const fixed = headersOf(settings);
    const rejected = scope.metrics.counter(
      'nunchi_agent_otlp_rejected_records_total',
      'Log records that an OTLP receiver did not take though it took their request',
    );
    return {
      name: settings.name,
      deliver: async ({ events }: Chunk, signal): Promise<DeliveryResult> => {
        for (let from = 0; from < events.length; from += batchSize) {
          const logRecords = events
            .slice(from, from + batchSize)
            .map((event) => logRecordOf(event, paths));
          const scopeLogs = [
            { scopeName: '', scopeVersion: '', scopeAttributes: noAttributes, logRecords },
          ];
          const body = await compress(encoding, encodeOtlpLogsProto([{ resource, scopeLogs }]));
          const headers = {
            'content-type': 'application/x-protobuf',
            ...(encoding !== 'identity' && { 'content-encoding': encoding }),
            ...fixed,
          };
          const request = { method: 'POST', url, headers, body, signal };
          const { result, answer } = await sendOver(client, request, judge, scope.clock.nowMs());
          if (result.kind === 'retry') return { ...result, fromEvent: from };
          if (result.kind === 'drop') return result;
          const partial = answer === undefined ? undefined : partialOf(answer.text);
          if (partial !== undefined && partial > 0)
            rejected.add(partial, { output: settings.name });
        }
        return { kind: 'ok' };
      },
      close: async () => client.close(),
    };
  },
};

function judge({ status }: { readonly status: number }): DeliveryResult['kind'] {
  if (status >= 200 && status <= 205) return 'ok';
  return retryable.has(status) ? 'retry' : 'drop';
}

/** The answer's body is binary and came as text; a plain success is empty. */
function partialOf(text: string): number | undefined {
  if (text === '') return undefined;
  try {
    return decodeOtlpLogsResponseProto(Buffer.from(text, 'utf8'))?.rejectedLogRecords;
  } catch {
    return undefined;
  }
}

interface LogPaths {
  readonly body: readonly RecordPath[];
  readonly restAsAttributes: boolean;
  readonly severityText: RecordPath;
  readonly severityNumber: RecordPath;
  readonly traceId: RecordPath;
  readonly spanId: RecordPath;
}

function logRecordOf({ time, record }: AgentEvent, paths: LogPaths): OtlpLogRecord {
  const bodyPath = paths.body.find((path) => valueAt(record, path) !== undefined);
  const text = (path: RecordPath): string => {
    const value = valueAt(record, path);
    return value === undefined ? '' : textOf(value);
  };
  const hex = (path: RecordPath, length: number): string => {
    const id = text(path).toLowerCase();
    return id.length === length && /^[0-9a-f]+$/.test(id) ? id : '';
  };
  const isSplit = bodyPath !== undefined && paths.restAsAttributes;
  const attributes = isSplit
    ? new Map(
        [...record]
          .filter(([key]) => key !== String(bodyPath[0]))
          .map(([key, value]) => [key, otlpValue(value)] as const),
      )
    : noAttributes;
  return {
    timeUnixNano: BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds),
    observedTimeUnixNano: 0n,
    severityNumber: Number(text(paths.severityNumber)) || 0,
    severityText: text(paths.severityText),
    body: otlpValue(bodyPath === undefined ? record : valueAt(record, bodyPath)!),
    attributes,
    droppedAttributesCount: 0,
    flags: 0,
    traceId: hex(paths.traceId, 32),
    spanId: hex(paths.spanId, 16),
    eventName: '',
  };
}

function otlpValue(value: RecordValue): OtlpValue {
  if (value instanceof RawNumber)
    return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (value instanceof Map)
    return new Map([...(value as RecordMap)].map(([key, item]) => [key, otlpValue(item)]));
  if (Array.isArray(value)) return value.map(otlpValue);
  return value as Exclude<RecordValue, RawNumber | RecordMap | readonly RecordValue[]>;
}
