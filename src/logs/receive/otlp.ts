import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#base';
import type { Edge } from '#server';
import {
  decodeOtlpLogsJson,
  decodeOtlpLogsProto,
  encodeOtlpLogsResponseJson,
  encodeOtlpLogsResponseProto,
  encodeRpcStatusProto,
  type OtlpLogRecord,
  type OtlpResourceLogs,
  type OtlpValue,
  otlpAttributesToPlain,
  otlpValueToPlain,
} from '#wire';
import { Collector, failureReason, ReceiverMetrics } from './collector.ts';
import type { EventRouting, ReceiveDeps } from './contract.ts';
import { failureOf, mediaType, readBody, setRetryHeaders, takeRawBodies } from './http.ts';
import { compileTemplate } from './template.ts';

export const otlpDefaults: Required<EventRouting> = {
  group: "/nunchi/otlp/{service.name|'unknown_service'}",
  stream: "{service.instance.id|k8s.pod.name|host.name|'default'}",
};

/**
 * OTLP/HTTP logs: `POST /v1/logs` and `/otlp/v1/logs`, protobuf or JSON, answered once the events
 * are durable. Placeholders of the templates: any resource attribute by its name.
 */
export function otlpEdge(deps: ReceiveDeps, routing: EventRouting = {}): Edge {
  const metrics = new ReceiverMetrics('otlp', deps.metrics);
  const group = compileTemplate(routing.group ?? otlpDefaults.group);
  const stream = compileTemplate(routing.stream ?? otlpDefaults.stream);
  const log = deps.log.child('logs/receive');

  const collect = (resources: readonly OtlpResourceLogs[]): Collector => {
    const collector = new Collector(deps, metrics);
    for (const { resource, scopeLogs } of resources) {
      const lookup = (name: string): string | undefined => plainText(resource.get(name));
      const toGroup = group.render(lookup);
      const toStream = stream.render(lookup);
      // The same for all records of the resource: made once, appended to each as text.
      const resourceJson =
        resource.size === 0 ? '' : JSON.stringify(otlpAttributesToPlain(resource));
      for (const scope of scopeLogs) {
        for (const record of scope.logRecords) {
          const nanos = record.timeUnixNano || record.observedTimeUnixNano;
          const timeMs = nanos === 0n ? undefined : Number(nanos / 1_000_000n);
          collector.add(
            toGroup,
            toStream,
            timeMs,
            messageOf(record, scope.scopeName, resourceJson),
          );
        }
      }
    }
    return collector;
  };

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const type = mediaType(request);
    const isJson = type === 'application/json';
    if (!isJson && type !== 'application/x-protobuf' && type !== 'application/protobuf') {
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Content-Type "${type}" is not OTLP`, {
        hint: 'Send application/x-protobuf or application/json',
      });
    }
    const body = await readBody(request);
    const resources = isJson
      ? decodeOtlpLogsJson(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'))
      : decodeOtlpLogsProto(body);
    await collect(resources).append();
    return isJson
      ? reply.type('application/json').send(encodeOtlpLogsResponseJson(undefined))
      : reply.type('application/x-protobuf').send(encodeOtlpLogsResponseProto(undefined));
  };

  return {
    name: 'otlp-logs',
    register: (app) => {
      takeRawBodies(app);
      app.setErrorHandler((error, request, reply) => {
        const { status, message } = failureOf(error);
        metrics.failed(failureReason(error));
        if (status === 500) log.error('OTLP push failed', { requestId: request.id, err: error });
        setRetryHeaders(reply, status);
        // google.rpc.Code: 3 INVALID_ARGUMENT, 14 UNAVAILABLE, 13 INTERNAL.
        const code = status === 503 ? 14 : status === 500 ? 13 : 3;
        return mediaType(request) === 'application/x-protobuf'
          ? reply
              .code(status)
              .type('application/x-protobuf')
              .send(encodeRpcStatusProto(code, message))
          : reply.code(status).type('application/json').send(JSON.stringify({ code, message }));
      });
      for (const url of ['/v1/logs', '/otlp/v1/logs']) {
        app.post(url, { config: { access: 'agent' } }, handle);
      }
    },
  };
}

const severities = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/** The text alone where a record is nothing but text; else JSON with one member per part it has. */
function messageOf(record: OtlpLogRecord, scope: string, resourceJson: string): string {
  const severity =
    record.severityText !== ''
      ? record.severityText
      : (severities[Math.floor((record.severityNumber - 1) / 4)] ?? '');
  const { body } = record;
  const isBare =
    typeof body === 'string' &&
    severity === '' &&
    record.attributes.size === 0 &&
    record.traceId === '' &&
    record.eventName === '' &&
    resourceJson === '';
  if (isBare) return body;
  const parts: string[] = [];
  const add = (name: string, value: unknown): void => {
    parts.push(`"${name}":${JSON.stringify(value)}`);
  };
  if (severity !== '') add('severity', severity);
  if (record.severityNumber > 0) add('severityNumber', record.severityNumber);
  if (body !== null) add('body', otlpValueToPlain(body));
  if (record.eventName !== '') add('eventName', record.eventName);
  if (record.attributes.size > 0) add('attributes', otlpAttributesToPlain(record.attributes));
  if (record.droppedAttributesCount > 0) add('droppedAttributes', record.droppedAttributesCount);
  if (record.traceId !== '') add('traceId', record.traceId);
  if (record.spanId !== '') add('spanId', record.spanId);
  if (scope !== '') add('scope', scope);
  if (resourceJson !== '') parts.push(`"resource":${resourceJson}`);
  return `{${parts.join(',')}}`;
}

function plainText(value: OtlpValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(otlpValueToPlain(value)) : String(value);
}
