/** Queries over containers and objects of a cluster that several dashboards ask. */

/** `, namespace="$namespace"` and its like, to be put behind the cluster. */
export type Matchers = string;

const cluster = 'cluster="$cluster"';

/** Selector of series that state metrics write. */
export const state = (metric: string, matchers: Matchers = ''): string =>
  `${metric}{job="kube-state-metrics", ${cluster}${matchers}}`;

/** Containers alone: cgroups of pods and their sandboxes would count everything twice. */
const containers = (metric: string, matchers: Matchers): string =>
  `${metric}{job="kubelet", metrics_path="/metrics/cadvisor", container!="", container!="POD", ${cluster}${matchers}}`;

/**
 * A container once, whoever tells of it: while a node's kubelet and its agent both do, two series are
 * the same container.
 */
const onceEach = (expr: string): string => `max by (cluster, namespace, pod, container) (${expr})`;

/** Cores that each container uses. */
export const containerCpu = (matchers: Matchers = ''): string =>
  onceEach(`rate(${containers('container_cpu_usage_seconds_total', matchers)}[$__rate_interval])`);

/** Bytes that each container cannot do without. */
export const containerMemory = (matchers: Matchers = ''): string =>
  onceEach(containers('container_memory_working_set_bytes', matchers));

/** Any series of containers, each container once. */
export const containerGauge = (metric: string, matchers: Matchers = ''): string =>
  onceEach(containers(metric, matchers));

export const containerRate = (metric: string, matchers: Matchers = ''): string =>
  onceEach(`rate(${containers(metric, matchers)}[$__rate_interval])`);

/** Bytes or packets a second of each pod. */
export const podNetwork = (metric: string, matchers: Matchers = ''): string =>
  `sum by (cluster, namespace, pod) (max by (cluster, namespace, pod, interface) (rate(${metric}{job="kubelet", metrics_path="/metrics/cadvisor", pod!="", ${cluster}${matchers}}[$__rate_interval])))`;

/** The workload of each pod, to be joined with. */
const owners = (matchers: Matchers): string =>
  `max by (cluster, namespace, pod, workload, workload_type) (namespace_workload_pod:kube_pod_owner:relabel{${cluster}${matchers}})`;

/** Values of pods as values of their workloads. */
export const ofWorkload = (expr: string, matchers: Matchers = ''): string =>
  `${expr} * on (cluster, namespace, pod) group_left (workload, workload_type) ${owners(matchers)}`;

export const sumBy = (labels: string, expr: string): string => `sum by (${labels}) (${expr})`;

/** What pods that run or are about to ask for: `cpu` in cores, `memory` in bytes. */
export const requests = (resource: 'cpu' | 'memory', matchers: Matchers = ''): string =>
  onceEach(
    `cluster:namespace:pod_${resource}:active:kube_pod_container_resource_requests{${cluster}${matchers}}`,
  );

export const limits = (resource: 'cpu' | 'memory', matchers: Matchers = ''): string =>
  onceEach(
    `cluster:namespace:pod_${resource}:active:kube_pod_container_resource_limits{${cluster}${matchers}}`,
  );

/** What the nodes of the cluster can give. */
export const allocatable = (resource: 'cpu' | 'memory' | 'pods', matchers: Matchers = ''): string =>
  state('kube_node_status_allocatable', `, resource="${resource}"${matchers}`);

/** Restarts in the range that is shown. */
export const restarts = (matchers: Matchers = ''): string =>
  `increase(${state('kube_pod_container_status_restarts_total', matchers)}[$__range])`;
