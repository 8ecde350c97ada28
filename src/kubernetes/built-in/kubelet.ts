import { dropRules } from '#kubernetes/cadvisor';
import type { KubernetesAccess } from '#kubernetes/client';

type Section = Record<string, unknown>;

const meta = '__meta_kubernetes_';

/** One job for each path, all with the label `job="kubelet"`. */
const paths: readonly (readonly [job: string, path: string])[] = [
  ['kubelet', '/metrics'],
  ['kubelet/cadvisor', '/metrics/cadvisor'],
  ['kubelet/resource', '/metrics/resource'],
  ['kubelet/probes', '/metrics/probes'],
];

export const kubeletNames: readonly string[] = paths.map(([job]) => job);

/** Jobs of others for the same series: of kube-prometheus-stack, of Prometheus' own example. */
const otherJobs = /kubelet|cadvisor|^kubernetes-nodes$/i;

/** Whether the configuration scrapes kubelets already. */
export const scrapesKubelets = (taken: Iterable<string>): boolean =>
  [...taken].some((job) => otherJobs.test(job));

/**
 * Jobs for the kubelets of nodes, through the API server: nobody needs to reach the nodes for that.
 * @param left nodes whose kubelet an agent scrapes
 */
export function kubeletJobs(access: KubernetesAccess, left: ReadonlySet<string>): Section[] {
  const { scheme, address, base } = placeOf(access);
  return paths.map(([job, path]) => ({
    job_name: job,
    scheme,
    honor_labels: true,
    track_timestamps_staleness: true,
    kubernetes_sd_configs: [{ role: 'node' }],
    relabel_configs: [
      ...(left.size === 0
        ? []
        : [
            {
              action: 'drop',
              source_labels: [`${meta}node_name`],
              regex: [...left].sort().map(escaped).join('|'),
            },
          ]),
      { source_labels: ['__address__'], target_label: 'instance' },
      { source_labels: [`${meta}node_name`], target_label: 'node' },
      { target_label: 'job', replacement: 'kubelet' },
      { target_label: 'metrics_path', replacement: path },
      {
        source_labels: [`${meta}node_name`],
        target_label: '__metrics_path__',
        replacement: `${base}/api/v1/nodes/$1/proxy${path}`,
      },
      { target_label: '__address__', replacement: address },
    ],
    ...(path === '/metrics/cadvisor' ? { metric_relabel_configs: dropRules } : {}),
  }));
}

/** What begins the URLs of these jobs' targets; the rest is a path of the API server. */
export function proxyPrefix(access: KubernetesAccess): string {
  const { scheme, address, base } = placeOf(access);
  return `${scheme}://${address}${base}`;
}

/** A target's address has a port always. */
function placeOf({ server }: KubernetesAccess): {
  readonly scheme: string;
  readonly address: string;
  readonly base: string;
} {
  const { protocol, hostname, port, pathname } = new URL(server);
  const usual = protocol === 'https:' ? '443' : '80';
  return {
    scheme: protocol.slice(0, -1),
    address: `${hostname}:${port === '' ? usual : port}`,
    base: pathname.replace(/\/+$/, ''),
  };
}

/** A name of a node has dots. */
const escaped = (name: string): string => name.replace(/[^\w-]/g, '\\$&');
