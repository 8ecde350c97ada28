import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Edge } from '#server';
import {
  decodeLokiJson,
  decodeLokiProto,
  decompress,
  formatLokiLabels,
  type LokiLabels,
  type LokiStream,
} from '#wire';
import { Collector, failureReason, ReceiverMetrics } from './collector.ts';
import type { EventRouting, ReceiveDeps } from './contract.ts';
import {
  failureOf,
  maxDecompressedBytes,
  mediaType,
  readBody,
  setRetryHeaders,
  takeRawBodies,
} from './http.ts';
import { compileTemplate } from './template.ts';

export const lokiDefaults: Required<EventRouting> = {
  group: "/nunchi/loki/{job|service_name|app|namespace|'default'}",
  stream: '{labels}',
};

/**
 * Loki push: `POST /loki/api/v1/push` and `/api/prom/push`, protobuf in a snappy block or JSON,
 * answered with 204 once the events are durable. Placeholders: any label by its name, `labels` (the
 * sorted label text), `tenant` (X-Scope-OrgID).
 */
export function lokiEdge(deps: ReceiveDeps, routing: EventRouting = {}): Edge {
  const metrics = new ReceiverMetrics('loki', deps.metrics);
  const group = compileTemplate(routing.group ?? lokiDefaults.group);
  const stream = compileTemplate(routing.stream ?? lokiDefaults.stream);
  const log = deps.log.child('logs/receive');

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const streams = await readPush(request);
    const tenant = request.headers['x-scope-orgid'];
    const collector = new Collector(deps, metrics);
    for (const { labels, entries } of streams) {
      const lookup = (name: string): string | undefined =>
        name === 'labels'
          ? formatLokiLabels(labels)
          : name === 'tenant' && typeof tenant === 'string'
            ? tenant
            : labels.get(name);
      const toGroup = group.render(lookup);
      const toStream = stream.render(lookup);
      const labelsJson = JSON.stringify(Object.fromEntries(labels));
      for (const { timestampNs, line, metadata } of entries) {
        const message = messageOf(line, labelsJson, metadata);
        collector.add(toGroup, toStream, Number(timestampNs / 1_000_000n), message);
      }
    }
    await collector.append();
    return reply.code(204).send();
  };

  return {
    name: 'loki-push',
    register: (app) => {
      takeRawBodies(app);
      app.setErrorHandler((error, request, reply) => {
        const { status, message } = failureOf(error);
        metrics.failed(failureReason(error));
        if (status === 500) log.error('Loki push failed', { requestId: request.id, err: error });
        setRetryHeaders(reply, status);
        return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
      });
      for (const url of ['/loki/api/v1/push', '/api/prom/push']) {
        app.post(url, { config: { access: 'agent' } }, handle);
      }
    },
  };
}

async function readPush(request: FastifyRequest): Promise<LokiStream[]> {
  if (mediaType(request) === 'application/json') {
    const body = await readBody(request);
    return decodeLokiJson(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  }
  // Protobuf bodies are always a snappy block, and seldom say so.
  const encoding = request.headers['content-encoding'];
  const isNamed = encoding === undefined || encoding === 'snappy';
  const raw = isNamed
    ? request.body instanceof Uint8Array
      ? request.body
      : new Uint8Array(0)
    : await readBody(request);
  return decodeLokiProto(await decompress('snappy', raw, maxDecompressedBytes));
}

/**
 * The line as it is; a JSON object gets the labels (and the structured metadata) as members at its
 * end, so that they can be queried; a plain line with structured metadata becomes JSON.
 */
function messageOf(line: string, labelsJson: string, metadata: LokiLabels | undefined): string {
  const hasMetadata = metadata !== undefined && metadata.size > 0;
  const metadataPart = hasMetadata
    ? `,"metadata":${JSON.stringify(Object.fromEntries(metadata))}`
    : '';
  const object = objectOf(line);
  if (object !== undefined) {
    const name = Object.hasOwn(object, 'labels') ? '_labels' : 'labels';
    const extra = `"${name}":${labelsJson}${Object.hasOwn(object, 'metadata') ? '' : metadataPart}`;
    const end = line.lastIndexOf('}');
    return `${line.slice(0, end)}${Object.keys(object).length === 0 ? '' : ','}${extra}}`;
  }
  if (!hasMetadata) return line;
  return `{"line":${JSON.stringify(line)},"labels":${labelsJson}${metadataPart}}`;
}

function objectOf(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{') || !/\}\s*$/.test(line.slice(-8))) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
