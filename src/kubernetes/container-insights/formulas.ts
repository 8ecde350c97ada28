import type { CgroupMeasure } from './contract.ts';

/** What a container may use and asks for; undefined: it does not say. */
export interface ContainerAmounts {
  readonly cpuRequestCores: number | undefined;
  readonly cpuLimitCores: number | undefined;
  readonly memoryRequestBytes: number | undefined;
  readonly memoryLimitBytes: number | undefined;
}

/** What a node has. */
export interface NodeAmounts {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** Values by their names in the events; undefined ones are left out. */
export type Values = Record<string, number | undefined>;

const milli = 1000;

/** Of a hundred; undefined where a part is missing or there is nothing to divide by. */
export function percent(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined;
  return (part / whole) * 100;
}

/** A rest of the binary fraction is no information; of what is small, such as seconds, the first digits are. */
export const rounded = (value: number): number =>
  Math.abs(value) < 1 ? Number(value.toPrecision(6)) : Math.round(value * 1e4) / 1e4;

const millicores = (cores: number | undefined): number | undefined =>
  cores === undefined ? undefined : cores * milli;

/** CPU and memory as they were measured. @param prefix such as `pod` */
export function measuredValues(prefix: string, measure: CgroupMeasure): Values {
  return {
    [`${prefix}_cpu_usage_total`]: millicores(measure.cpuCores),
    [`${prefix}_memory_usage`]: measure.memoryUsageBytes,
    [`${prefix}_memory_cache`]: measure.memoryCacheBytes,
    [`${prefix}_memory_rss`]: measure.memoryRssBytes,
    [`${prefix}_memory_max_usage`]: measure.memoryMaxUsageBytes,
    [`${prefix}_memory_working_set`]: measure.memoryWorkingSetBytes,
    [`${prefix}_memory_failcnt`]: measure.memoryFailures,
    [`${prefix}_memory_pgfault`]: measure.pageFaultsPerSecond,
    [`${prefix}_memory_pgmajfault`]: measure.majorPageFaultsPerSecond,
  };
}

/** Of a pod: usage is of its node, of its own limits where every container has one. */
export function podValues(
  measure: CgroupMeasure,
  containers: readonly ContainerAmounts[],
  node: NodeAmounts | undefined,
): Values {
  const cpuRequest = cappedSum(containers, 'cpuRequestCores', node?.cpuCores);
  const memoryRequest = cappedSum(containers, 'memoryRequestBytes', node?.memoryBytes);
  const cpuLimit = limitOf(containers, 'cpuLimitCores', node?.cpuCores);
  const memoryLimit = limitOf(containers, 'memoryLimitBytes', node?.memoryBytes);
  return {
    ...measuredValues('pod', measure),
    pod_cpu_request: millicores(cpuRequest),
    pod_cpu_limit: millicores(cpuLimit),
    pod_memory_request: memoryRequest,
    pod_memory_limit: memoryLimit,
    pod_cpu_utilization: percent(measure.cpuCores, node?.cpuCores),
    pod_memory_utilization: percent(measure.memoryWorkingSetBytes, node?.memoryBytes),
    pod_cpu_utilization_over_pod_limit: percent(measure.cpuCores, cpuLimit),
    pod_memory_utilization_over_pod_limit: percent(measure.memoryWorkingSetBytes, memoryLimit),
    pod_cpu_reserved_capacity: percent(cpuRequest, node?.cpuCores),
    pod_memory_reserved_capacity: percent(memoryRequest, node?.memoryBytes),
  };
}

export function containerValues(
  measure: CgroupMeasure,
  amounts: ContainerAmounts,
  node: NodeAmounts | undefined,
): Values {
  const { cpuLimitCores, memoryLimitBytes } = amounts;
  return {
    ...measuredValues('container', measure),
    container_cpu_request: millicores(amounts.cpuRequestCores),
    container_cpu_limit: millicores(cpuLimitCores),
    container_memory_request: amounts.memoryRequestBytes,
    container_memory_limit: memoryLimitBytes,
    container_cpu_utilization: percent(measure.cpuCores, node?.cpuCores),
    container_memory_utilization: percent(measure.memoryWorkingSetBytes, node?.memoryBytes),
    container_cpu_utilization_over_container_limit: percent(measure.cpuCores, cpuLimitCores),
    container_memory_utilization_over_container_limit: percent(
      measure.memoryWorkingSetBytes,
      memoryLimitBytes,
    ),
  };
}

/** @param reserved sums over the pods of the node */
export function nodeValues(
  measure: CgroupMeasure,
  node: NodeAmounts,
  reserved: { readonly cpuCores: number; readonly memoryBytes: number },
): Values {
  return {
    ...measuredValues('node', measure),
    node_cpu_limit: node.cpuCores * milli,
    node_memory_limit: node.memoryBytes,
    node_cpu_request: reserved.cpuCores * milli,
    node_memory_request: reserved.memoryBytes,
    node_cpu_utilization: percent(measure.cpuCores, node.cpuCores),
    node_memory_utilization: percent(measure.memoryWorkingSetBytes, node.memoryBytes),
    node_cpu_reserved_capacity: percent(reserved.cpuCores, node.cpuCores),
    node_memory_reserved_capacity: percent(reserved.memoryBytes, node.memoryBytes),
  };
}

/** Of those containers that say; undefined where none does. */
function cappedSum(
  containers: readonly ContainerAmounts[],
  key: keyof ContainerAmounts,
  capacity: number | undefined,
): number | undefined {
  let sum: number | undefined;
  for (const { [key]: amount } of containers) {
    if (amount !== undefined) sum = (sum ?? 0) + amount;
  }
  if (sum === undefined || sum === 0) return undefined;
  return Math.min(sum, capacity ?? Number.POSITIVE_INFINITY);
}

/** A pod with one container without a limit has none. */
function limitOf(
  containers: readonly ContainerAmounts[],
  key: keyof ContainerAmounts,
  capacity: number | undefined,
): number | undefined {
  const isWhole = containers.length > 0 && containers.every((one) => (one[key] ?? 0) > 0);
  return isWhole ? cappedSum(containers, key, capacity) : undefined;
}

/** Of several measures of parts; undefined where no part has it. */
export function sumMeasures(parts: readonly CgroupMeasure[]): CgroupMeasure {
  const sum: Record<string, number> = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value === 'number') sum[key] = (sum[key] ?? 0) + value;
    }
  }
  return sum as CgroupMeasure;
}
