/** Queries of the Kubernetes pages: what is asked of cAdvisor's series and of kube-state-metrics'. */

/** Label names to values, as a selector's inside: `namespace="a",pod="b"`. */
export function matchersOf(labels: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(labels)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quoted(value)}`]))
    .join(',');
}

/** As PromQL reads it back. */
export const quoted = (text: string): string => JSON.stringify(text);

/** A literal within a regular expression. */
export const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** One of these values: `a|b`, each as it is. */
export const anyOf = (values: readonly string[]): string => quoted(values.map(literal).join('|'));

/** Kubelets are read once a minute at most; a rate needs two samples. */
const minWindowMs = 120_000;

/** For `rate()`, at a step: no sample is passed over. */
export const windowOf = (stepMs: number): string =>
  `${Math.ceil(Math.max(minWindowMs, stepMs) / 1000)}s`;

/** What is in a pod but is none of its containers: the whole and the sandbox. */
const ofContainers = 'container!="",container!="POD"';

/**
 * The kubelet tells of the same container in two places, and the agent itself may too; each of them is
 * summed by itself and the larger counts.
 * @param by labels that stay
 */
function once(by: string, inner: string): string {
  const labels = by === '' ? '' : ` by (${by})`;
  const parts = by === '' ? 'job,metrics_path' : `job,metrics_path,${by}`;
  return `max${labels} (sum by (${parts}) (${inner}))`;
}

/** Cores. */
export const cpuUsage = (matchers: string, by: string, window: string): string =>
  once(by, `rate(container_cpu_usage_seconds_total{${both(ofContainers, matchers)}}[${window}])`);

/** Of these series the ones that had most over the whole range: the same ones at every step. */
export const topOver = (count: number, expr: string, by: string, meanOverRange: string): string =>
  `${expr} and on (${by}) topk(${count}, ${meanOverRange})`;

/** Mean over a range of seconds that ends with the query. */
export const meanCpu = (matchers: string, by: string, rangeSeconds: number): string =>
  once(
    by,
    `rate(container_cpu_usage_seconds_total{${both(ofContainers, matchers)}}[${rangeSeconds}s] @ end())`,
  );
export const meanMemory = (matchers: string, by: string, rangeSeconds: number): string =>
  once(
    by,
    `avg_over_time(container_memory_working_set_bytes{${both(ofContainers, matchers)}}[${rangeSeconds}s] @ end())`,
  );

/** Bytes that the kernel cannot take back: what an OOM kill is decided by. */
export const memoryUsage = (matchers: string, by: string): string =>
  once(by, `container_memory_working_set_bytes{${both(ofContainers, matchers)}}`);

/** Share of the periods in which the container wanted more CPU than its limit, 0 to 1. */
export const cpuThrottled = (matchers: string, by: string, window: string): string => {
  const of = (what: string): string =>
    once(by, `rate(container_cpu_cfs_${what}_total{${both(ofContainers, matchers)}}[${window}])`);
  return `${of('throttled_periods')} / ${of('periods')}`;
};

/** Bytes a second of pods; a pod of the host's network has none of its own. */
export const network = (
  direction: 'receive' | 'transmit',
  matchers: string,
  by: string,
  window: string,
): string =>
  once(
    by,
    `rate(container_network_${direction}_bytes_total{${both('pod!=""', matchers)}}[${window}])`,
  );

/** Requests or limits of containers, in cores or bytes. */
export const asked = (
  what: 'requests' | 'limits',
  resource: 'cpu' | 'memory',
  matchers: string,
  by: string,
): string =>
  once(by, `kube_pod_container_resource_${what}{${both(`resource="${resource}"`, matchers)}}`);

export const both = (a: string, b: string): string => (a === '' || b === '' ? a + b : `${a},${b}`);
