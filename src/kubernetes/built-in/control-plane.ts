import type { KubernetesAccess, Pem } from '#kubernetes/client';

type Section = Record<string, unknown>;

/** Jobs under the names that dashboards of the control plane look for. */
export const controlPlaneNames: readonly string[] = [
  'apiserver',
  'coredns',
  'kube-proxy',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-etcd',
];

const meta = '__meta_kubernetes_';

/** Histograms that are most of an API server's series, and that no dashboard of ours or others reads. */
const heavySeries = [
  'apiserver_(request_duration|request_slo_duration|response_sizes|watch_events_sizes|watch_list_duration)(_seconds|_bytes)?_bucket',
  'apiserver_(request_body_sizes?|admission_step_admission_duration|storage_list_duration)(_seconds|_bytes)?_bucket',
  '(etcd|apiserver_storage)_.*_bucket',
].join('|');

/** A component that runs as pods of kube-system and listens on the node's network. */
interface Component {
  readonly job: string;
  /** `key=value` of its pods. */
  readonly label: readonly [string, string];
  readonly port: number;
  readonly isSecure: boolean;
}

const components: readonly Component[] = [
  { job: 'kube-proxy', label: ['k8s_app', 'kube-proxy'], port: 10_249, isSecure: false },
  {
    job: 'kube-controller-manager',
    label: ['component', 'kube-controller-manager'],
    port: 10_257,
    isSecure: true,
  },
  { job: 'kube-scheduler', label: ['component', 'kube-scheduler'], port: 10_259, isSecure: true },
  { job: 'kube-etcd', label: ['component', 'etcd'], port: 2381, isSecure: false },
];

/** Port of a job's targets: they are there once their host answers on it. */
export const portOfJob: ReadonlyMap<string, number> = new Map(
  components.map(({ job, port }) => [job, port]),
);

/**
 * Jobs for the parts of a cluster itself. Without a token or a certificate (a kubeconfig with a plugin)
 * there are none for the API server and what it stands before.
 * @param hasEksMetrics the API server hands out metrics of EKS' own scheduler and controller manager
 */
export function controlPlaneJobs(access: KubernetesAccess, hasEksMetrics: boolean): Section[] {
  const auth = authOf(access);
  const jobs: Section[] = [dnsJob()];
  if (auth !== undefined) {
    jobs.push(apiServerJob(access, auth));
    if (hasEksMetrics) jobs.push(...eksJobs(access, auth));
  }
  const taken = new Set(jobs.map((job) => job['job_name']));
  const token = auth ?? {};
  for (const component of components) {
    if (!taken.has(component.job)) jobs.push(componentJob(component, token));
  }
  return jobs;
}

const place = (...more: readonly (readonly [string, string])[]): Section[] =>
  [[`${meta}namespace`, 'namespace'], ...more].map(([from, to]) => ({
    source_labels: [from],
    target_label: to,
  }));

function apiServerJob(access: KubernetesAccess, auth: Section): Section {
  const job: Section = {
    job_name: 'apiserver',
    scheme: 'https',
    ...auth,
    metric_relabel_configs: [{ action: 'drop', source_labels: ['__name__'], regex: heavySeries }],
  };
  if (!isInPod(access)) return { ...job, ...outside(access, '/metrics') };
  return {
    ...job,
    kubernetes_sd_configs: [{ role: 'endpoints', namespaces: { names: ['default'] } }],
    relabel_configs: [
      {
        action: 'keep',
        source_labels: [`${meta}service_name`, `${meta}endpoint_port_name`],
        regex: 'kubernetes;https',
      },
      ...place([`${meta}service_name`, 'service'], [`${meta}endpoint_port_name`, 'endpoint']),
    ],
  };
}

/** EKS runs these where nobody can reach them; its API server answers for them. */
function eksJobs(access: KubernetesAccess, auth: Section): Section[] {
  const of = (job: string, short: string): Section => {
    const path = `/apis/metrics.eks.amazonaws.com/v1/${short}/container/metrics`;
    const where = outside(isInPod(access) ? { ...access, server: inPodServer } : access, path);
    return { job_name: job, ...auth, ...where };
  };
  return [of('kube-scheduler', 'ksh'), of('kube-controller-manager', 'kcm')];
}

const inPodServer = 'https://kubernetes.default.svc:443';

/** The API server under the URL that we ask it by. */
function outside({ server }: KubernetesAccess, path: string): Section {
  const url = new URL(server);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return {
    scheme: url.protocol.slice(0, -1),
    metrics_path: `${url.pathname.replace(/\/+$/, '')}${path}`,
    static_configs: [{ targets: [`${url.hostname}:${port}`] }],
  };
}

function dnsJob(): Section {
  return {
    job_name: 'coredns',
    kubernetes_sd_configs: [
      {
        role: 'pod',
        namespaces: { names: ['kube-system'] },
      },
    ],
    relabel_configs: [
      {
        action: 'keep',
        source_labels: [`${meta}pod_label_k8s_app`, `${meta}pod_container_port_name`],
        regex: '(kube-dns|coredns);(metrics|http-metrics)',
      },
      ...place(
        [`${meta}pod_name`, 'pod'],
        [`${meta}pod_container_name`, 'container'],
        [`${meta}pod_container_port_name`, 'endpoint'],
      ),
      { target_label: 'service', replacement: 'kube-dns' },
    ],
  };
}

function componentJob({ job, label, port, isSecure }: Component, auth: Section): Section {
  const { tls_config: _, ...who } = auth;
  return {
    job_name: job,
    ...(isSecure
      ? { scheme: 'https', ...who, tls_config: { insecure_skip_verify: true } }
      : { scheme: 'http' }),
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: ['kube-system'] } }],
    relabel_configs: [
      { action: 'keep', source_labels: [`${meta}pod_label_${label[0]}`], regex: label[1] },
      {
        action: 'drop',
        source_labels: [`${meta}pod_phase`],
        regex: 'Pending|Succeeded|Failed',
      },
      {
        source_labels: [`${meta}pod_ip`],
        regex: '([^:]+)',
        replacement: `$1:${port}`,
        target_label: '__address__',
      },
      {
        source_labels: [`${meta}pod_ip`],
        regex: '(.*:.*)',
        replacement: `[$1]:${port}`,
        target_label: '__address__',
      },
      ...place([`${meta}pod_name`, 'pod'], [`${meta}pod_node_name`, 'node']),
      { target_label: 'endpoint', replacement: isSecure ? 'https-metrics' : 'http-metrics' },
    ],
  };
}

/** In a pod nobody says what the cluster is called. */
const isInPod = ({ clusterName }: KubernetesAccess): boolean => clusterName === undefined;

function authOf({ credentials, tls, ...access }: KubernetesAccess): Section | undefined {
  const config: Section = {
    ...pem('ca', tls.authority),
    ...pem('cert', tls.certificate),
    ...pem('key', tls.privateKey),
  };
  if (tls.insecureSkipVerify) config['insecure_skip_verify'] = true;
  // Its certificate is made out to its names, not to the addresses of its pods.
  const serverName =
    tls.serverName ?? (access.clusterName === undefined ? 'kubernetes' : undefined);
  if (serverName !== undefined) config['server_name'] = serverName;
  switch (credentials.kind) {
    case 'token-file':
      return { bearer_token_file: credentials.path, tls_config: config };
    case 'token':
      return { bearer_token: credentials.token, tls_config: config };
    case 'basic': {
      const { username, password } = credentials;
      return { basic_auth: { username, password }, tls_config: config };
    }
    case 'none':
      return { tls_config: config };
    case 'exec':
      return undefined;
  }
}

function pem(key: string, given: Pem | undefined): Section {
  if (given === undefined) return {};
  return given.kind === 'inline' ? { [key]: given.pem } : { [`${key}_file`]: given.path };
}
