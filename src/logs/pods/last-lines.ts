import type { LogStore } from '#logs/store';

/** Where pods' lines are kept: names of Container Insights. */
const podGroup = /^\/aws\/containerinsights\/.+\/(?:application|dataplane)$/;
const maxGroups = 200;
/** Of a group, newest first: a pod that wrote lately is among them. */
const maxStreams = 5000;
/** Of a pod: its containers and their last runs. */
const maxPodStreams = 20;
const maxWorkloadStreams = 100;
/** Where lines with a certain text are looked for. */
const maxScannedEvents = 500_000;
const maxReadBytes = 1024 * 1024;

export interface PodLinesRequest {
  readonly namespace: string;
  readonly pod: string;
  /** The name is that of a workload: all of its pods are meant. */
  readonly isWorkload?: boolean;
  /** Lines that hold it; absent: all. */
  readonly contains?: string | undefined;
  /** Absent: of all its containers. */
  readonly container?: string | undefined;
  /** Both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly maxLines: number;
}

export interface PodLines {
  readonly group: string;
  /** Oldest first; each is the text that the container wrote. */
  readonly lines: readonly PodLine[];
}

export interface PodLine {
  readonly timeMs: number;
  readonly text: string;
  readonly pod: string;
  readonly container: string;
}

/** The last lines of a pod in a range; undefined: none is kept. */
export async function lastPodLines(
  store: LogStore,
  request: PodLinesRequest,
  signal: AbortSignal,
): Promise<PodLines | undefined> {
  const { isWorkload = false, contains } = request;
  for (const { name: group } of store
    .groups({ contains: 'containerinsights' })
    .slice(0, maxGroups)) {
    if (!podGroup.test(group)) continue;
    const streams = store
      .streams(group, { orderBy: 'lastEvent', descending: true, limit: maxStreams })
      .filter(({ name }) => isMeant(name, request))
      .slice(0, isWorkload ? maxWorkloadStreams : maxPodStreams)
      .map(({ name }) => name);
    if (streams.length === 0) continue;
    const { fromMs, toMs, maxLines } = request;
    const { events } = await store.readEvents(
      {
        groups: [group],
        streams,
        fromMs,
        toMs,
        direction: 'backward',
        maxEvents: maxLines,
        maxBytes: maxReadBytes,
        ...(contains === undefined
          ? {}
          : {
              accept: (message: string) => lineOf(message).includes(contains),
              maxScannedEvents,
            }),
      },
      signal,
    );
    if (events.length === 0) continue;
    const lines = events
      .map(({ timestampMs, message, stream }) => ({
        timeMs: timestampMs,
        text: lineOf(message),
        ...writerOf(stream),
      }))
      .reverse();
    return { group, lines };
  }
  return undefined;
}

/** `….containers.POD_NAMESPACE_CONTAINER-ID.log` */
const streamPattern = /\.containers\.([^_]+)_([^_]+)_(.+?)(?:-[0-9a-f]{64})?(?:\.log)?$/;

function writerOf(stream: string): { readonly pod: string; readonly container: string } {
  const [, pod = '', , container = ''] = streamPattern.exec(stream) ?? [];
  return { pod, container };
}

/** Pods of a workload have its name, and more behind a dash: hashes, or the number of a StatefulSet. */
const kin = /^-(?:[a-z0-9]{1,10}-)?[a-z0-9]{1,10}$/;

function isMeant(
  stream: string,
  { namespace, pod, container, isWorkload = false }: PodLinesRequest,
): boolean {
  const [, name = '', of, by = ''] = streamPattern.exec(stream) ?? [];
  if (of !== namespace || (container !== undefined && by !== container)) return false;
  return name === pod || (isWorkload && name.startsWith(pod) && kin.test(name.slice(pod.length)));
}

/** The line of a stored message. Records carry it beside what is known of the pod; other shippers store it alone. */
export function lineOf(message: string): string {
  if (!message.startsWith('{')) return message.trimEnd();
  try {
    const { log } = JSON.parse(message) as { readonly log?: unknown };
    return typeof log === 'string' ? log.trimEnd() : message;
  } catch {
    return message.trimEnd();
  }
}
