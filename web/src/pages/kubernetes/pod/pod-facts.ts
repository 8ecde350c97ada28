import type { WireVectorItem } from '../../../api/metrics.ts';
import { quoted } from '../subject/promql.ts';

/** What the series say of a pod: of one that is gone too, as long as its series are kept. */
export interface PodFacts {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly node: string | undefined;
  readonly podIp: string | undefined;
  readonly createdMs: number | undefined;
  readonly completedMs: number | undefined;
  /** `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`. */
  readonly phase: string | undefined;
  /** `Evicted`, `NodeLost`… */
  readonly reason: string | undefined;
  readonly isReady: boolean;
  readonly qosClass: string | undefined;
  /** Who made it: `ReplicaSet`, `Job`… */
  readonly owner: { readonly kind: string; readonly name: string } | undefined;
  /** Init containers first. */
  readonly containers: readonly ContainerFacts[];
}

export interface ContainerFacts {
  readonly name: string;
  readonly isInit: boolean;
  readonly image: string;
  readonly restarts: number;
  readonly isReady: boolean;
  readonly state: 'running' | 'waiting' | 'terminated' | 'unknown';
  /** Of the state: `CrashLoopBackOff`, `Completed`. */
  readonly stateReason: string | undefined;
  /** Why it ended before. */
  readonly lastReason: string | undefined;
  readonly lastExitCode: number | undefined;
  readonly startedMs: number | undefined;
  /** Cores and bytes. */
  readonly cpuRequest: number | undefined;
  readonly cpuLimit: number | undefined;
  readonly memoryRequest: number | undefined;
  readonly memoryLimit: number | undefined;
}

/** The newest of all series about a pod within a range of seconds. */
export const factsExpr = (namespace: string, pod: string, rangeSeconds: number): string =>
  `last_over_time({__name__=~"kube_pod_.+",namespace=${quoted(namespace)},pod=${quoted(pod)}}[${rangeSeconds}s])`;

/** Undefined: nothing is known of such a pod. */
export function podFacts(items: readonly WireVectorItem[]): PodFacts | undefined {
  const uid = newestUid(items);
  const own = items.filter(({ metric }) => uid === undefined || metric['uid'] === uid);
  const info = own.find(({ metric }) => metric['__name__'] === 'kube_pod_info');
  if (info === undefined) return undefined;
  const { metric } = info;
  const series = new Map<string, WireVectorItem[]>();
  for (const item of own) {
    const name = item.metric['__name__'] ?? '';
    const list = series.get(name);
    if (list === undefined) series.set(name, [item]);
    else list.push(item);
  }
  const of = (name: string): readonly WireVectorItem[] => series.get(`kube_pod_${name}`) ?? [];
  const labelWhereOn = (name: string, label: string): string | undefined =>
    of(name).find((item) => numberOf(item) === 1)?.metric[label];
  const owner = of('owner')[0]?.metric;
  const hasOwner = owner !== undefined && (owner['owner_name'] ?? '') !== '';
  return {
    namespace: metric['namespace'] ?? '',
    pod: metric['pod'] ?? '',
    uid: metric['uid'] ?? '',
    node: metric['node'] || undefined,
    podIp: metric['pod_ip'] || undefined,
    createdMs: msOf(of('created')[0]),
    completedMs: msOf(of('completion_time')[0]),
    phase: labelWhereOn('status_phase', 'phase'),
    reason: labelWhereOn('status_reason', 'reason'),
    isReady: labelWhereOn('status_ready', 'condition') === 'true',
    qosClass: labelWhereOn('status_qos_class', 'qos_class'),
    owner: hasOwner
      ? { kind: owner['owner_kind'] ?? '', name: owner['owner_name'] ?? '' }
      : undefined,
    containers: [...containersOf(of, 'init_container'), ...containersOf(of, 'container')],
  };
}

function containersOf(
  of: (name: string) => readonly WireVectorItem[],
  prefix: 'container' | 'init_container',
): ContainerFacts[] {
  const infos = of(`${prefix}_info`);
  const names = new Set(infos.map(({ metric }) => metric['container'] ?? ''));
  // A container that has not been made yet has no info.
  for (const { metric } of of(`${prefix}_status_waiting`)) names.add(metric['container'] ?? '');
  return [...names].toSorted().map((name) => {
    const mine = (what: string): readonly WireVectorItem[] =>
      of(`${prefix}_${what}`).filter(({ metric }) => metric['container'] === name);
    const isOn = (what: string): boolean => numberOf(mine(what)[0]) === 1;
    const reasonOf = (what: string): string | undefined =>
      mine(what).find((item) => numberOf(item) === 1)?.metric['reason'];
    const resource = (what: string, kind: string): number | undefined =>
      numberOf(mine(`resource_${what}`).find(({ metric }) => metric['resource'] === kind));
    const waiting = reasonOf('status_waiting_reason');
    const terminated = reasonOf('status_terminated_reason');
    const state = isOn('status_running')
      ? 'running'
      : isOn('status_waiting')
        ? 'waiting'
        : isOn('status_terminated')
          ? 'terminated'
          : 'unknown';
    return {
      name,
      isInit: prefix === 'init_container',
      image: infos.find(({ metric }) => metric['container'] === name)?.metric['image'] ?? '',
      restarts: numberOf(mine('status_restarts_total')[0]) ?? 0,
      isReady: isOn('status_ready'),
      state,
      stateReason: state === 'waiting' ? waiting : state === 'terminated' ? terminated : undefined,
      lastReason: reasonOf('status_last_terminated_reason'),
      lastExitCode: numberOf(mine('status_last_terminated_exitcode')[0]),
      startedMs: msOf(mine('state_started')[0]),
      cpuRequest: resource('requests', 'cpu'),
      cpuLimit: resource('limits', 'cpu'),
      memoryRequest: resource('requests', 'memory'),
      memoryLimit: resource('limits', 'memory'),
    };
  });
}

/** A stateful set makes pods of the same name again. */
function newestUid(items: readonly WireVectorItem[]): string | undefined {
  let newest: string | undefined;
  let newestCreated = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    if (item.metric['__name__'] !== 'kube_pod_created') continue;
    const created = numberOf(item) ?? 0;
    if (created > newestCreated) {
      newestCreated = created;
      newest = item.metric['uid'];
    }
  }
  return newest;
}

function numberOf(item: WireVectorItem | undefined): number | undefined {
  const text = item?.value?.[1];
  return text === undefined ? undefined : Number(text);
}

function msOf(item: WireVectorItem | undefined): number | undefined {
  const seconds = numberOf(item);
  return seconds === undefined ? undefined : seconds * 1000;
}
