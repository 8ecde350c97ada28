import type { Event } from 'kubernetes-types/core/v1.d.ts';
import { type Owner, timeMsOf } from '#kubernetes/cluster';

/** An object that an event is about. */
export interface InvolvedObject {
  kind: string;
  namespace?: string | undefined;
  name: string;
  uid?: string | undefined;
  apiVersion?: string | undefined;
  /** Such as `spec.containers{main}`. */
  fieldPath?: string | undefined;
}

/** An event as the log store keeps it, as JSON: one record for what happened since the last one. */
export interface EventRecord {
  /** `Normal` or `Warning`. */
  type: string;
  reason: string;
  message: string;
  /** How often it has happened up to now. */
  count: number;
  /** How many of these this record stands for: more than one where they were not seen singly. */
  occurrences: number;
  firstTimestamp: string;
  lastTimestamp: string;
  involvedObject: InvolvedObject;
  related?: InvolvedObject | undefined;
  source: { component?: string | undefined; host?: string | undefined };
  action?: string | undefined;
  /** What the object belongs to, from the nearest to the last. */
  owners: { kind: string; name: string }[];
  /** The last of them; of what nobody owns the object itself. */
  workload: { kind: string; name: string };
  metadata: { name: string; namespace: string; uid: string; resourceVersion: string };
}

/** What of an event tells one occurrence from the next. */
export interface Occurrence {
  readonly uid: string;
  readonly count: number;
  readonly lastMs: number;
}

/** A clock that is wrong must not put an event where nobody looks for it. */
const maxAheadMs = 60 * 60_000;

/** Times of core/v1 and of events.k8s.io, which fills others of the same object. */
export function occurrenceOf(event: Event, nowMs: number): Occurrence {
  const { metadata, series, count, lastTimestamp, eventTime, firstTimestamp } = event;
  const told =
    timeMsOf(series?.lastObservedTime) ??
    timeMsOf(lastTimestamp) ??
    timeMsOf(eventTime) ??
    timeMsOf(firstTimestamp) ??
    timeMsOf(metadata.creationTimestamp);
  const isUsable = told !== undefined && told > 0 && told <= nowMs + maxAheadMs;
  return {
    uid: metadata.uid ?? `${metadata.namespace}/${metadata.name}`,
    count: Math.max(series?.count ?? 0, count ?? 0, 1),
    lastMs: isUsable ? told : nowMs,
  };
}

/** @param occurrences how many are new */
export function eventRecord(
  event: Event,
  { count, lastMs }: Occurrence,
  occurrences: number,
  owners: readonly Owner[],
): EventRecord {
  const { metadata, involvedObject, related, source, series: _series } = event;
  const chain = owners.map(({ kind, name }) => ({ kind, name }));
  const object = involved(involvedObject);
  const firstMs =
    timeMsOf(event.firstTimestamp) ??
    timeMsOf(event.eventTime) ??
    timeMsOf(metadata.creationTimestamp) ??
    lastMs;
  return {
    type: event.type || 'Normal',
    reason: event.reason ?? '',
    message: event.message ?? '',
    count,
    occurrences,
    firstTimestamp: new Date(firstMs).toISOString(),
    lastTimestamp: new Date(lastMs).toISOString(),
    involvedObject: object,
    related: related === undefined || related === null ? undefined : involved(related),
    source: {
      component: source?.component || event.reportingComponent || undefined,
      host: source?.host || event.reportingInstance || undefined,
    },
    action: event.action || undefined,
    owners: chain,
    workload: chain.at(-1) ?? { kind: object.kind, name: object.name },
    metadata: {
      name: metadata.name ?? '',
      namespace: metadata.namespace ?? '',
      uid: metadata.uid ?? '',
      resourceVersion: metadata.resourceVersion ?? '',
    },
  };
}

function involved(object: Event['involvedObject']): InvolvedObject {
  return {
    kind: object.kind ?? '',
    namespace: object.namespace || undefined,
    name: object.name ?? '',
    uid: object.uid || undefined,
    apiVersion: object.apiVersion || undefined,
    fieldPath: object.fieldPath || undefined,
  };
}

/** Undefined: it is none of ours. */
export function parseEventRecord(message: string): EventRecord | undefined {
  try {
    const value = JSON.parse(message) as Partial<EventRecord> | null;
    const isRecord =
      typeof value?.involvedObject === 'object' &&
      typeof value.metadata?.uid === 'string' &&
      typeof value.count === 'number';
    return isRecord ? (value as EventRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Log group of a cluster's events. */
export const eventsLogGroup = (clusterName: string): string => `/nunchi/${clusterName}/events`;
