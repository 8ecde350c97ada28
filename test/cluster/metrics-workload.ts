import type { Cluster } from './cluster.ts';

export const namespace: string = `resource-metrics-${process.pid}`;
const labels = { test: namespace };

/** Uses about a tenth of a core; nothing when it is calm. */
export const busyDeployment = (name: string, replicas?: number, isCalm = false): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'main',
            image: 'localhost/busybox:1',
            imagePullPolicy: 'Never',
            command: ['sh', '-c', isCalm ? 'sleep 2147483647' : busyShell],
            resources: { requests: { cpu: '50m', memory: '8Mi' }, limits: { cpu: '150m' } },
          },
        ],
      },
    },
  },
});

const busyShell = 'while true; do :; done';

/** The Service through which the API server reaches a server beside the cluster, and the API behind it. */
export const registration = (address: string, port: number): readonly unknown[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'nunchi', namespace },
    spec: { ports: [{ name: 'metrics-api', port: 443, targetPort: port }] },
  },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'nunchi', namespace },
    subsets: [{ addresses: [{ ip: address }], ports: [{ name: 'metrics-api', port }] }],
  },
  apiService('metrics.k8s.io', 'v1beta1'),
  apiService('custom.metrics.k8s.io', 'v1beta1'),
  apiService('custom.metrics.k8s.io', 'v1beta2'),
  apiService('external.metrics.k8s.io', 'v1beta1'),
];

/** What lets the controller of autoscalers ask. */
export const autoscalerRights = (): readonly unknown[] => [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${namespace}-autoscaler`, labels },
    rules: [
      {
        apiGroups: ['custom.metrics.k8s.io', 'external.metrics.k8s.io'],
        resources: ['*'],
        verbs: ['get', 'list'],
      },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `${namespace}-autoscaler`, labels },
    subjects: [
      { kind: 'ServiceAccount', name: 'horizontal-pod-autoscaler', namespace: 'kube-system' },
    ],
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: `${namespace}-autoscaler`,
    },
  },
];

/** Rules of prometheus-adapter, over series that the cluster has. */
export const adapterRules: unknown = {
  rules: [
    {
      seriesQuery: 'container_memory_working_set_bytes{container="main",pod!=""}',
      resources: {
        overrides: { namespace: { resource: 'namespace' }, pod: { resource: 'pod' } },
      },
      name: { as: 'working_set' },
      metricsQuery:
        'max(<<.Series>>{<<.LabelMatchers>>,container="main",metrics_path="/metrics/resource"}) by (<<.GroupBy>>)',
    },
  ],
  externalRules: [
    {
      seriesQuery: 'machine_cpu_cores',
      resources: { namespaced: false },
      name: { as: 'cores' },
      metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>})',
    },
  ],
};

export const apiService = (group: string, version: string): unknown => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `${version}.${group}`, labels },
  spec: {
    group,
    version,
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { name: 'nunchi', namespace, port: 443 },
  },
});

/** What an agent may do that scrapes kubelets. */
export async function metricsAccount(
  cluster: Cluster,
): Promise<{ readonly token: string; readonly ca: string }> {
  const name = `${namespace}-agent`;
  await cluster.apply(
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name, labels },
      rules: [{ apiGroups: [''], resources: ['nodes/metrics', 'nodes/proxy'], verbs: ['get'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    },
  );
  return await cluster.tokenOf(name, namespace);
}
