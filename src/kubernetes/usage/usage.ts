import type { Clock } from '#base';
import {
  type LabelMatcher,
  labelMatcher,
  labelValue,
  type Queryable,
  SampleColumns,
  type SeriesSelection,
} from '#metrics/model';
import type { NodeUsage, PodUsage, ReadUsage, UsageSnapshot } from './contract.ts';

/** The newest point may be as old as this: a kubelet that is gone has no usage. */
const maxAgeMs = 120_000;
/** Two points that far apart say nothing of now. */
const maxWindowMs = 90_000;
/** What many clients ask at once is read once. */
const keptMs = 2000;
/** A container that lives less long than this has a rate of its start only. */
const minFreshMs = 10_000;

/** One counter: its last two points. */
interface Point {
  readonly timeMs: number;
  readonly value: number;
}

/**
 * A rate from a counter's last two points; of a container that was started in between, from its start,
 * when it had used nothing. Undefined where that is not possible: one point only, a counter that fell.
 * @param startMs start of the container, Unix ms; undefined: not known
 */
export function rateOf(
  previous: Point | undefined,
  last: Point,
  startMs: number | undefined,
): { readonly perSecond: number; readonly windowMs: number } | undefined {
  // A restart makes what was counted before another container's.
  const isFresh = startMs !== undefined && (previous === undefined || startMs >= previous.timeMs);
  let from = previous;
  if (isFresh) {
    const ageMs = last.timeMs - startMs;
    from = ageMs >= minFreshMs && ageMs <= maxWindowMs ? { timeMs: startMs, value: 0 } : undefined;
  }
  if (from === undefined || from.value > last.value) return undefined;
  const windowMs = last.timeMs - from.timeMs;
  if (windowMs <= 0 || windowMs > maxWindowMs) return undefined;
  return { perSecond: ((last.value - from.value) * 1000) / windowMs, windowMs };
}

/**
 * Reads usage out of the series of the kubelets' `/metrics/resource`, which agents (or the server) store
 * with their own timestamps. One read serves all who ask within two seconds.
 */
export function usageReader(store: Queryable, clock: Clock): ReadUsage {
  let kept: { readonly atMs: number; readonly snapshot: Promise<UsageSnapshot> } | undefined;
  return (signal) => {
    if (kept === undefined || clock.monotonicMs() - kept.atMs > keptMs) {
      const read = { atMs: clock.monotonicMs(), snapshot: readUsage(store, clock.nowMs(), signal) };
      kept = read;
      read.snapshot.catch(() => {
        if (kept === read) kept = undefined;
      });
    }
    return kept.snapshot;
  };
}

async function readUsage(
  store: Queryable,
  nowMs: number,
  signal: AbortSignal,
): Promise<UsageSnapshot> {
  const select = (name: string, ...more: readonly LabelMatcher[]): Promise<SeriesSelection> =>
    store.select(
      {
        matchers: [
          labelMatcher('__name__', '=', name),
          labelMatcher('metrics_path', '=', '/metrics/resource'),
          ...more,
        ],
        fromMs: nowMs - maxAgeMs - maxWindowMs,
        toMs: nowMs,
      },
      signal,
    );
  const oldestMs = nowMs - maxAgeMs;
  using nodeCpu = await select('node_cpu_usage_seconds_total');
  using nodeMemory = await select('node_memory_working_set_bytes');
  using cpu = await select('container_cpu_usage_seconds_total');
  using memory = await select('container_memory_working_set_bytes');
  using starts = await select('container_start_time_seconds');
  return {
    nodes: nodesOf(nodeCpu, nodeMemory, oldestMs),
    pods: podsOf(cpu, memory, starts, oldestMs),
  };
}

function nodesOf(
  cpu: SeriesSelection,
  memory: SeriesSelection,
  oldestMs: number,
): Map<string, NodeUsage> {
  const memories = new Map<string, number>();
  eachLast(memory, oldestMs, ['node'], ([node = ''], last) => memories.set(node, last.value));
  const nodes = new Map<string, NodeUsage>();
  eachLast(cpu, oldestMs, ['node'], ([name = ''], last, previous) => {
    const memoryBytes = memories.get(name) ?? 0;
    const rate = rateOf(previous, last, undefined);
    // A node that uses nothing was not measured.
    if (rate === undefined || memoryBytes === 0 || last.value === 0 || name === '') return;
    const { perSecond, windowMs } = rate;
    nodes.set(name, {
      name,
      timeMs: last.timeMs,
      windowMs,
      usage: { cpuCores: perSecond, memoryBytes },
    });
  });
  return nodes;
}

/** A pod is told of when each of its containers was measured twice: half a pod would mislead autoscalers. */
function podsOf(
  cpu: SeriesSelection,
  memory: SeriesSelection,
  starts: SeriesSelection,
  oldestMs: number,
): Map<string, PodUsage> {
  const names = ['namespace', 'pod', 'container'] as const;
  const memories = new Map<string, number>();
  eachLast(memory, oldestMs, names, (labels, last) => memories.set(labels.join('/'), last.value));
  const startTimes = new Map<string, number>();
  eachLast(starts, oldestMs, names, (labels, last) =>
    startTimes.set(labels.join('/'), last.value * 1000),
  );
  const pods = new Map<string, PodUsage>();
  const incomplete = new Set<string>();
  eachLast(cpu, oldestMs, names, (labels, last, previous) => {
    const [namespace = '', pod = '', container = ''] = labels;
    if (pod === '' || container === '') return;
    const key = `${namespace}/${pod}`;
    const rate = rateOf(previous, last, startTimes.get(labels.join('/')));
    const memoryBytes = memories.get(labels.join('/')) ?? 0;
    if (rate === undefined || memoryBytes === 0 || last.value === 0) {
      incomplete.add(key);
      return;
    }
    const known = pods.get(key);
    const own = { name: container, usage: { cpuCores: rate.perSecond, memoryBytes } };
    const isEarliest = known === undefined || last.timeMs < known.timeMs;
    pods.set(key, {
      namespace,
      name: pod,
      timeMs: isEarliest ? last.timeMs : known.timeMs,
      windowMs: isEarliest ? rate.windowMs : known.windowMs,
      containers: known === undefined ? [own] : [...known.containers, own],
    });
  });
  for (const key of incomplete) pods.delete(key);
  return pods;
}

/** The last point of each series that still lives, and the one before it. */
function eachLast(
  selection: SeriesSelection,
  oldestMs: number,
  names: readonly string[],
  told: (labels: string[], last: Point, previous: Point | undefined) => void,
): void {
  const columns = new SampleColumns();
  const pointAt = (index: number): Point => ({
    timeMs: columns.timesMs[index] ?? 0,
    value: columns.values[index] ?? Number.NaN,
  });
  for (let index = 0; index < selection.count; index++) {
    selection.read(index, columns);
    const end = columns.count - 1;
    if (end < 0) continue;
    const last = pointAt(end);
    // The marker of a series that has ended is no number either.
    if (last.timeMs < oldestMs || Number.isNaN(last.value)) continue;
    const before = end === 0 ? undefined : pointAt(end - 1);
    const previous = before === undefined || Number.isNaN(before.value) ? undefined : before;
    const labels = selection.labels(index);
    told(
      names.map((name) => labelValue(labels, name)),
      last,
      previous,
    );
  }
}
