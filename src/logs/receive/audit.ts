import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#base';
import { ListSplitter } from '#kubernetes/client';
import {
  type ControlPlaneClusters,
  clusterNamePattern,
  controlPlaneGroup,
  controlPlaneStream,
} from '#kubernetes/control-plane';
import type { Edge } from '#server';
import { Collector, failureReason, ReceiverMetrics } from './collector.ts';
import type { ReceiveDeps } from './contract.ts';
import { failureOf, readBody, setRetryHeaders, takeRawBodies } from './http.ts';

/** API servers send at most 400 events at once unless told otherwise; packed they are far smaller. */
const maxBodyBytes = 32 * 1024 * 1024;
/** An event with request and response holds two objects of 1.5 MiB at most, as JSON. */
const maxEventBytes = 8 * 1024 * 1024;
/** Events known by their ids, so that a batch that is sent again is not stored again. */
const maxRemembered = 50_000;
const versions: ReadonlySet<string> = new Set(['audit.k8s.io/v1', 'audit.k8s.io/v1beta1']);

export interface AuditDeps extends ReceiveDeps {
  readonly controlPlane: Pick<ControlPlaneClusters, 'isOn'>;
  /** Of API servers that do not name theirs. */
  readonly clusterName: () => string;
}

/** One event of a list, as it came. */
interface AuditEvent {
  readonly json: string;
  /** Names the event; the same when it is sent again. */
  readonly key: string | undefined;
  readonly timeMs: number | undefined;
}

/**
 * The webhook backend of kube-apiserver's audit log: `POST /nunchi/kubernetes/audit/CLUSTER` takes
 * an `audit.k8s.io` EventList and answers 200 once its events are durable, each a message as the log
 * backend would have written it. Not an event is stored while `audit` is switched off.
 */
export function auditEdge(deps: AuditDeps): Edge {
  const metrics = new ReceiverMetrics('audit', deps.metrics);
  const log = deps.log.child('logs/receive');
  const remembered = new Set<string>();
  let hasToldOff = false;

  const remember = (keys: readonly string[]): void => {
    for (const key of keys) remembered.add(key);
    for (const oldest of remembered) {
      if (remembered.size <= maxRemembered) break;
      remembered.delete(oldest);
    }
  };

  const handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const cluster = clusterOf(request, deps.clusterName());
    const { apiVersion, events } = readEventList(await readBody(request));
    if (!(await deps.controlPlane.isOn(cluster, 'audit'))) {
      metrics.rejected(events.length, 'switched_off');
      if (!hasToldOff) log.info('Audit events come in and are not wanted', { cluster });
      hasToldOff = true;
      return reply.send({ stored: 0 });
    }
    hasToldOff = false;
    const group = controlPlaneGroup(cluster);
    const stream = controlPlaneStream('kube-apiserver-audit', instanceOf(cluster, request.ip));
    const collector = new Collector(deps, metrics);
    const keys: string[] = [];
    for (const { json, key, timeMs } of events) {
      if (key !== undefined && remembered.has(key)) continue;
      if (key !== undefined) keys.push(key);
      collector.add(group, stream, timeMs, withKind(json, apiVersion));
    }
    const stored = collector.events;
    metrics.rejected(events.length - stored, 'duplicate');
    await collector.append();
    remember(keys);
    return reply.send({ stored });
  };

  return {
    name: 'audit-webhook',
    register: (app) => {
      takeRawBodies(app);
      app.setErrorHandler((error, request, reply) => {
        const { status, message } = failureOf(error);
        metrics.failed(failureReason(error));
        if (status === 500)
          log.error('Audit webhook failed', { requestId: request.id, err: error });
        setRetryHeaders(reply, status);
        return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
      });
      // In the path: API servers leave out the query of the URL that they are given.
      for (const url of ['/nunchi/kubernetes/audit', '/nunchi/kubernetes/audit/:cluster']) {
        const config = { access: 'agent', maxBodyBytes } as const;
        app.post(url, { bodyLimit: maxBodyBytes, config }, handle);
      }
    },
  };
}

/** @throws {AppError} INVALID_CLUSTER_NAME */
function clusterOf(request: FastifyRequest, otherwise: string): string {
  const { cluster } = request.params as { cluster?: string };
  if (cluster === undefined) return otherwise;
  if (clusterNamePattern.test(cluster)) return cluster;
  throw new AppError('INVALID_CLUSTER_NAME', `"${cluster}" cannot be the name of a cluster`);
}

/** One stream for each API server. */
const instanceOf = (cluster: string, address: string): string =>
  createHash('sha256').update(`${cluster}\0${address}`).digest('hex').slice(0, 32);

/** @throws {AppError} AUDIT_INVALID, KUBERNETES_TOO_LARGE */
function readEventList(body: Uint8Array): {
  readonly apiVersion: string;
  readonly events: readonly AuditEvent[];
} {
  const events: AuditEvent[] = [];
  const splitter = new ListSplitter(maxEventBytes, (json) => void events.push(readEvent(json)));
  splitter.push(Buffer.from(body.buffer, body.byteOffset, body.length));
  const { kind, apiVersion } = splitter.end() as { kind?: unknown; apiVersion?: unknown };
  if (kind === 'EventList' && typeof apiVersion === 'string' && versions.has(apiVersion)) {
    return { apiVersion, events };
  }
  throw new AppError('AUDIT_INVALID', `The body is ${kind} of ${apiVersion}, no audit events`, {
    hint: `It must be an EventList of ${[...versions].join(' or ')}`,
  });
}

function readEvent(json: string): AuditEvent {
  let event: { auditID?: unknown; stage?: unknown; stageTimestamp?: unknown };
  try {
    event = JSON.parse(json);
  } catch (cause) {
    throw new AppError('AUDIT_INVALID', 'An event is no JSON', { cause });
  }
  const { auditID, stage, stageTimestamp } = event;
  const timeMs = typeof stageTimestamp === 'string' ? Date.parse(stageTimestamp) : Number.NaN;
  return {
    json,
    key: typeof auditID === 'string' ? `${auditID} ${stage} ${stageTimestamp}` : undefined,
    timeMs: Number.isNaN(timeMs) ? undefined : timeMs,
  };
}

/** Events of a list do not say what they are; those of a log file do. */
function withKind(json: string, apiVersion: string): string {
  if (/^\{\s*"(?:kind|apiVersion)"\s*:/.test(json)) return json;
  const rest = json.slice(1).trimStart();
  const comma = rest.startsWith('}') ? '' : ',';
  return `{"kind":"Event","apiVersion":"${apiVersion}"${comma}${rest}`;
}
