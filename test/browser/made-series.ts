import { compress } from 'snappy';
import { encodeWriteV1 } from '#metrics/remote';
import {
  killsBeforeMs,
  type MadeContainer,
  type MadePod,
  nodeCapacity,
  nodes,
  pods,
} from './made-cluster.ts';

const lengthMs = 62 * 60_000;
const stepMs = 30_000;
/** Usage that is older than two minutes is none: a test may take longer to begin. */
const aheadMs = 8 * 60_000;
const seriesOfARequest = 400;

interface Series {
  readonly labels: readonly string[];
  readonly samples: readonly { readonly timeMs: number; readonly value: number }[];
}

type ValueAt = (timeMs: number) => number | undefined;

/** Writes the past hour of the made-up cluster by remote write: kubelets' series, state metrics, a rule. */
export async function writeSeries(url: string, nowMs: number): Promise<void> {
  const all = [...containerSeries(nowMs), ...podSeries(nowMs), ...nodeSeries(nowMs)];
  for (let from = 0; from < all.length; from += seriesOfARequest) {
    const response = await fetch(new URL('api/v1/write', url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: new Uint8Array(
        await compress(encodeWriteV1(all.slice(from, from + seriesOfARequest) as never)),
      ),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }
}

function series(labels: Readonly<Record<string, string>>, nowMs: number, valueAt: ValueAt): Series {
  const samples: { timeMs: number; value: number }[] = [];
  const first = Math.floor((nowMs - lengthMs) / stepMs) * stepMs;
  for (let timeMs = first; timeMs <= nowMs + aheadMs; timeMs += stepMs) {
    const value = valueAt(timeMs);
    if (value !== undefined) samples.push({ timeMs, value });
  }
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { labels: sorted.flat(), samples };
}

/** Slow waves with some noise, around 1. */
function wave(seed: number, timeMs: number): number {
  const minutes = timeMs / 60_000;
  const noise = Math.sin(seed * 12.9898 + Math.floor(timeMs / stepMs) * 78.233) * 0.12;
  return 1 + 0.3 * Math.sin(minutes / 9 + seed) + 0.15 * Math.sin(minutes / 2.3 + seed * 3) + noise;
}

const isWithoutContainers = ({ trouble }: MadePod): boolean =>
  trouble === 'image' || trouble === 'unscheduled' || trouble === 'completed';

/** A minute before it is killed the container has its limit; after it, it waits for a minute. */
function sinceKill(nowMs: number, timeMs: number): { sinceMs: number; untilMs: number } {
  const kills = killsBeforeMs.map((before) => nowMs - before);
  const last = kills.findLast((kill) => kill <= timeMs) ?? nowMs - lengthMs * 2;
  const next = kills.find((kill) => kill > timeMs) ?? Number.POSITIVE_INFINITY;
  return { sinceMs: timeMs - last, untilMs: next - timeMs };
}

const restartPauseMs = 90_000;

function memoryOf(pod: MadePod, one: MadeContainer, nowMs: number, seed: number): ValueAt {
  return (timeMs) => {
    if (pod.trouble !== 'oom') return one.memory * (0.85 + 0.15 * wave(seed, timeMs));
    const { sinceMs, untilMs } = sinceKill(nowMs, timeMs);
    if (sinceMs < restartPauseMs) return undefined;
    const lifeMs = sinceMs + Math.min(untilMs, 900_000);
    return one.memoryLimit * (0.35 + 0.64 * Math.min(1, sinceMs / lifeMs));
  };
}

function* containerSeries(nowMs: number): Generator<Series> {
  for (const [at, pod] of pods.entries()) {
    if (isWithoutContainers(pod)) continue;
    const base = {
      job: 'kubelet',
      metrics_path: '/metrics/cadvisor',
      instance: `${pod.node}:10250`,
      node: pod.node ?? '',
      namespace: pod.namespace,
      pod: pod.name,
    };
    for (const [index, one] of pod.containers.entries()) {
      const seed = at * 3 + index;
      const labels = { ...base, container: one.name, image: one.image };
      const name = (metric: string): Record<string, string> => ({ ...labels, __name__: metric });
      let cpu = 0;
      let throttled = 0;
      let periods = 0;
      const isBusy = pod.workload.name === 'orders' && index === 0;
      yield series(name('container_cpu_usage_seconds_total'), nowMs, (timeMs) => {
        const factor = isBusy && timeMs > nowMs - 20 * 60_000 ? 2.6 : 1;
        const used = one.cpu * Math.min(3, wave(seed, timeMs) * factor) * (stepMs / 1000);
        cpu += used;
        return cpu;
      });
      yield series(name('container_cpu_cfs_periods_total'), nowMs, () => {
        periods += stepMs / 100;
        return periods;
      });
      yield series(name('container_cpu_cfs_throttled_periods_total'), nowMs, (timeMs) => {
        throttled += isBusy && timeMs > nowMs - 20 * 60_000 ? (stepMs / 100) * 0.3 : 0;
        return throttled;
      });
      yield series(
        name('container_memory_working_set_bytes'),
        nowMs,
        memoryOf(pod, one, nowMs, seed),
      );
      yield* resourceSeries(pod, one, nowMs, seed);
    }
    for (const [metric, bytes] of [
      ['receive', 90_000],
      ['transmit', 140_000],
    ] as const) {
      let sum = 0;
      const labels = {
        ...base,
        interface: 'eth0',
        __name__: `container_network_${metric}_bytes_total`,
      };
      yield series(labels, nowMs, (timeMs) => {
        sum += bytes * wave(at + bytes, timeMs) * (1 + (at % 7)) * (stepMs / 1000);
        return sum;
      });
    }
  }
}

const resourcePath = '/metrics/resource';

/** The same container as the kubelet tells it a second time, for metrics-server. */
function* resourceSeries(
  pod: MadePod,
  one: MadeContainer,
  nowMs: number,
  seed: number,
): Generator<Series> {
  const labels = {
    job: 'kubelet',
    metrics_path: resourcePath,
    instance: `${pod.node}:10250`,
    node: pod.node ?? '',
    namespace: pod.namespace,
    pod: pod.name,
    container: one.name,
  };
  let cpu = 0;
  yield series({ ...labels, __name__: 'container_cpu_usage_seconds_total' }, nowMs, (timeMs) => {
    cpu += one.cpu * wave(seed, timeMs) * (stepMs / 1000);
    return cpu;
  });
  const memory = memoryOf(pod, one, nowMs, seed);
  yield series({ ...labels, __name__: 'container_memory_working_set_bytes' }, nowMs, memory);
}

/** What kube-state-metrics says of the pods. */
function* podSeries(nowMs: number): Generator<Series> {
  for (const pod of pods) {
    const base = {
      job: 'kube-state-metrics',
      instance: 'nunchi',
      namespace: pod.namespace,
      pod: pod.name,
      uid: pod.uid,
    };
    const bornMs = nowMs - pod.ageMs;
    const one = (name: string, more: Record<string, string>, value: number | ValueAt): Series =>
      series({ ...base, ...more, __name__: `kube_pod_${name}` }, nowMs, (timeMs) =>
        timeMs < bornMs ? undefined : typeof value === 'number' ? value : value(timeMs),
      );
    const { kind, name } = pod.workload;
    const owner =
      pod.replicaSet === undefined
        ? kind === 'Pod'
          ? { kind: '', name: '' }
          : { kind, name }
        : { kind: 'ReplicaSet', name: pod.replicaSet };
    yield one(
      'info',
      {
        node: pod.node ?? '',
        pod_ip: pod.node === undefined ? '' : pod.ip,
        host_ip: '10.1.0.1',
        created_by_kind: owner.kind,
        created_by_name: owner.name,
      },
      1,
    );
    yield one(
      'owner',
      { owner_kind: owner.kind, owner_name: owner.name, owner_is_controller: 'true' },
      1,
    );
    yield one('created', {}, bornMs / 1000);
    const phase =
      pod.trouble === 'completed' ? 'Succeeded' : isWithoutContainers(pod) ? 'Pending' : 'Running';
    for (const each of ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown']) {
      yield one('status_phase', { phase: each }, Number(each === phase));
    }
    const isReady = phase === 'Running' && pod.trouble === undefined;
    yield one('status_ready', { condition: 'true' }, Number(isReady));
    yield one('status_qos_class', { qos_class: 'Burstable' }, 1);
    for (const container of pod.containers) yield* containerStates(pod, container, one, nowMs);
  }
}

type One = (name: string, more: Record<string, string>, value: number | ValueAt) => Series;

function* containerStates(
  pod: MadePod,
  { name, image, ...asked }: MadeContainer,
  one: One,
  nowMs: number,
): Generator<Series> {
  const container = { container: name };
  const of = (what: string, more: Record<string, string>, value: number | ValueAt): Series =>
    one(`container_${what}`, { ...container, ...more }, value);
  yield of('info', { image, image_spec: image }, 1);
  const node = { node: pod.node ?? '' };
  yield of('resource_requests', { ...node, resource: 'cpu', unit: 'core' }, asked.cpuRequest);
  yield of('resource_requests', { ...node, resource: 'memory', unit: 'byte' }, asked.memoryRequest);
  if (asked.cpuLimit !== undefined) {
    yield of('resource_limits', { ...node, resource: 'cpu', unit: 'core' }, asked.cpuLimit);
  }
  yield of('resource_limits', { ...node, resource: 'memory', unit: 'byte' }, asked.memoryLimit);
  const isDown: ValueAt = (timeMs) =>
    pod.trouble === 'oom'
      ? Number(sinceKill(nowMs, timeMs).sinceMs < restartPauseMs)
      : Number(isWithoutContainers(pod));
  yield of('status_running', {}, (timeMs) => 1 - (isDown(timeMs) ?? 0));
  yield of('status_ready', {}, (timeMs) => 1 - (isDown(timeMs) ?? 0));
  if (pod.trouble === 'completed') {
    yield of('status_terminated', {}, 1);
    yield of('status_terminated_reason', { reason: 'Completed' }, 1);
  } else {
    const reason =
      pod.trouble === 'image'
        ? 'ImagePullBackOff'
        : pod.trouble === 'oom'
          ? 'CrashLoopBackOff'
          : 'ContainerCreating';
    yield of('status_waiting', {}, isDown);
    yield of('status_waiting_reason', { reason }, (timeMs) => isDown(timeMs) || undefined);
  }
  if (pod.trouble === 'oom') {
    const killed: ValueAt = (timeMs) =>
      timeMs >= nowMs - (killsBeforeMs[0] as number) ? 1 : undefined;
    yield of('status_last_terminated_reason', { reason: 'OOMKilled' }, killed);
    yield of('status_last_terminated_exitcode', {}, (timeMs) =>
      killed(timeMs) === 1 ? 137 : undefined,
    );
  }
  yield of('status_restarts_total', {}, (timeMs) =>
    pod.trouble === 'oom' ? killsBeforeMs.filter((before) => nowMs - before <= timeMs).length : 0,
  );
}

function* nodeSeries(nowMs: number): Generator<Series> {
  for (const node of nodes) {
    const base = { job: 'kube-state-metrics', instance: 'nunchi', node };
    const one = (name: string, more: Record<string, string>, value: number): Series =>
      series({ ...base, ...more, __name__: `kube_node_${name}` }, nowMs, () => value);
    yield one('info', { kubelet_version: 'v1.33.1' }, 1);
    for (const what of ['capacity', 'allocatable']) {
      const share = what === 'capacity' ? 1 : 0.94;
      yield one(`status_${what}`, { resource: 'cpu', unit: 'core' }, nodeCapacity.cpu * share);
      yield one(
        `status_${what}`,
        { resource: 'memory', unit: 'byte' },
        nodeCapacity.memory * share,
      );
      yield one(`status_${what}`, { resource: 'pods', unit: 'integer' }, nodeCapacity.pods);
    }
    const kubelet = { job: 'kubelet', metrics_path: resourcePath, instance: `${node}:10250`, node };
    let cpu = 0;
    yield series({ ...kubelet, __name__: 'node_cpu_usage_seconds_total' }, nowMs, (timeMs) => {
      cpu += nodeCapacity.cpu * 0.5 * wave(node.charCodeAt(5), timeMs) * (stepMs / 1000);
      return cpu;
    });
    yield series(
      { ...kubelet, __name__: 'node_memory_working_set_bytes' },
      nowMs,
      (timeMs) => nodeCapacity.memory * 0.55 * wave(node.charCodeAt(5) + 2, timeMs),
    );
    yield one('status_condition', { condition: 'Ready', status: 'true' }, 1);
  }
}
