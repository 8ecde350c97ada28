import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, describeError, type Logger, maskSecrets } from '#base';
import { isKubernetesError, type KubernetesClient } from '#kubernetes/client';
import { containerFacts, type FactsPod } from './container-facts.ts';
import { neverRanReasons, type Trouble } from './contract.ts';
import type { ContainerFacts } from './explain/trouble.ts';

/** What is known beside the trouble itself, when it is told. */
export interface Evidence {
  /** `[2024-03-31 05:10:11 +0000 UTC] Failed Error: ErrImagePull`, oldest first. */
  readonly events: readonly string[];
  /** The end of the container's log; empty: there is none. */
  readonly log: string;
  /** Why there is no log, in the words of the API server. */
  readonly logProblem?: string | undefined;
  /** What changed shortly before, newest first. */
  readonly changes: readonly string[];
  /** Limits and probes of the container; undefined: not known, or there is no container. */
  readonly container?: ContainerFacts | undefined;
}

export const noEvidence: Evidence = { events: [], log: '', changes: [] };

export interface EvidenceOptions {
  /** 0: all, up to `maxLogBytes`. */
  readonly maxLogLines: number;
  readonly includeEvents: boolean;
  readonly includeLogs: boolean;
}

export interface EvidenceDeps {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** The last lines of a container that were stored: of one that is gone. */
  readonly storedLines?: (
    trouble: Trouble,
    maxLines: number,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  /** What happened to the owner and its kin between two times (Unix ms). */
  readonly changes?: (
    trouble: Trouble,
    fromMs: number,
    toMs: number,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
}

/** People wait for the message: what has not come by then is left out. */
const budgetMs = 2500;
const maxLogBytes = 512 * 1024;
const maxEvents = 10;
const maxEventReads = 6;
const eventPauseMs = 200;
/** Where all of a log is wanted, of one that is stored. */
const maxStoredLines = 200;
const maxPodBytes = 2 * 1024 * 1024;
const maxEventBytes = 4 * 1024 * 1024;
const changesBeforeMs = 30 * 60_000;
/** Never throws: a message without its log is better than none. */
export async function gatherEvidence(
  trouble: Trouble,
  options: EvidenceOptions,
  deps: EvidenceDeps,
): Promise<Evidence> {
  const signal = AbortSignal.timeout(budgetMs);
  const attempt = async <T>(what: string, work: () => Promise<T>, byDefault: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      deps.log.debug('Evidence is missing', { what, reason: describeError(error) });
      return byDefault;
    }
  };
  const nowMs = deps.clock.nowMs();
  const noLog: LogTail = { text: '' };
  const [events, log, changes, container] = await Promise.all([
    options.includeEvents ? attempt('events', () => readEvents(trouble, deps, signal), []) : [],
    options.includeLogs
      ? attempt('log', () => readLog(trouble, options, deps, signal), noLog)
      : noLog,
    attempt(
      'changes',
      async () => (await deps.changes?.(trouble, nowMs - changesBeforeMs, nowMs, signal)) ?? [],
      [],
    ),
    attempt('pod', () => readContainer(trouble, deps, signal), undefined),
  ]);
  return {
    events,
    log: maskSecrets(log.text),
    logProblem: log.problem,
    changes,
    ...(container === undefined ? {} : { container }),
  };
}

/** Another pod of the same name is no source. */
async function readContainer(
  { subject, container, uid }: Trouble,
  { client }: EvidenceDeps,
  signal: AbortSignal,
): Promise<ContainerFacts | undefined> {
  if (subject.kind !== 'Pod' || container === undefined) return undefined;
  const pod = await client.json<FactsPod>({
    path: `/api/v1/namespaces/${encodeURIComponent(subject.namespace)}/pods/${encodeURIComponent(subject.name)}`,
    maxBytes: maxPodBytes,
    signal,
  });
  return uid !== undefined && pod.metadata?.uid !== uid
    ? undefined
    : containerFacts(pod, container);
}

interface LogTail {
  readonly text: string;
  readonly problem?: string;
}

interface ListedEvent {
  readonly type?: string;
  readonly reason?: string;
  readonly count?: number;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly firstTimestamp?: string | null;
}

/** The kubelet writes a pod's status first, and a moment later the event that says why. */
async function readEvents(
  trouble: Trouble,
  deps: EvidenceDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (let attempt = 1; ; attempt++) {
    const { lines, hasWarning } = await listEvents(trouble, deps, signal);
    const isAwaited = !hasWarning && neverRanReasons.has(trouble.reason) && attempt < maxEventReads;
    if (!isAwaited || signal.aborted) return lines;
    await sleep(eventPauseMs);
  }
}

async function listEvents(
  { subject, uid }: Trouble,
  { client }: EvidenceDeps,
  signal: AbortSignal,
): Promise<{ readonly lines: readonly string[]; readonly hasWarning: boolean }> {
  const namespace = subject.namespace === '' ? 'default' : subject.namespace;
  const list = await client.json<{ readonly items?: readonly ListedEvent[] }>({
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`,
    query: {
      fieldSelector: [
        `involvedObject.name=${subject.name}`,
        `involvedObject.kind=${subject.kind}`,
        ...(uid === undefined ? [] : [`involvedObject.uid=${uid}`]),
      ].join(','),
    },
    maxBytes: maxEventBytes,
    signal,
  });
  const timed = (list.items ?? []).map((event) => {
    const text = event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? '';
    return { event, atMs: Date.parse(text) || 0 };
  });
  const sorted = timed.sort((a, b) => a.atMs - b.atMs);
  // What went well says least.
  const warnings = sorted.filter(({ event }) => event.type === 'Warning').slice(-maxEvents);
  const others = sorted.filter(({ event }) => event.type !== 'Warning');
  const room = maxEvents - warnings.length;
  const kept = new Set([...warnings, ...(room > 0 ? others.slice(-room) : [])]);
  const lines = sorted
    .filter((one) => kept.has(one))
    .map(({ event: { reason = '', message = '', count = 1 }, atMs }) => {
      const times = count > 1 ? ` (${count} times)` : '';
      return `[${goTime(atMs)}] ${reason} ${maskSecrets(message).trim()}${times}`.trim();
    });
  return { lines, hasWarning: warnings.length > 0 };
}

/** As Go prints a time: `2024-03-31 05:10:11 +0000 UTC`. */
function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

async function readLog(
  trouble: Trouble,
  { maxLogLines }: EvidenceOptions,
  { client, storedLines }: EvidenceDeps,
  signal: AbortSignal,
): Promise<LogTail> {
  const { subject, container, reason, restarts = 0 } = trouble;
  if (subject.kind !== 'Pod' || container === undefined) return { text: '' };
  if (neverRanReasons.has(reason) && restarts === 0) return { text: '' };
  const ask = async (previous: boolean): Promise<string> =>
    client.text({
      path: `/api/v1/namespaces/${encodeURIComponent(subject.namespace)}/pods/${encodeURIComponent(subject.name)}/log`,
      query: {
        container,
        previous: previous ? 'true' : undefined,
        tailLines: maxLogLines > 0 ? String(maxLogLines) : undefined,
      },
      headers: { accept: '*/*' },
      maxBytes: maxLogBytes,
      signal,
    });
  // What crashed and is back writes its next life already: the one that ended explains.
  const tries = trouble.exitCode !== undefined && restarts > 0 ? [true, false] : [false];
  let problem: string | undefined;
  for (const previous of tries) {
    try {
      const text = (await ask(previous)).trimEnd();
      if (text !== '') return { text };
    } catch (error) {
      if (!isKubernetesError(error)) throw error;
      problem ??= error.message;
    }
  }
  const stored = await storedLines?.(trouble, maxLogLines || maxStoredLines, signal);
  if (stored !== undefined && stored.length > 0) return { text: stored.join('\n') };
  return problem === undefined ? { text: '' } : { text: '', problem };
}
