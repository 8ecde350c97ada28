import type { Document, EventType } from './contract.ts';
import { controlPlaneMetrics, serverErrors } from './control-plane.ts';
import { deviceFamilies } from './device-families.ts';
import { extendedNames } from './extended-resources.ts';

/** Which values of an event are metrics, and by which dimensions. */
interface Directive {
  readonly dimensions: readonly (readonly string[])[];
  /** Names and units. */
  readonly metrics: readonly (readonly [name: string, unit: string])[];
}

/** As CloudWatch names the metrics of Container Insights. */
const metricsNamespace = 'ContainerInsights';

const cluster = ['ClusterName'] as const;
const node = ['NodeName', 'InstanceId', 'ClusterName'] as const;
const pod = ['PodName', 'Namespace', 'ClusterName'] as const;
const fullPod = ['FullPodName', 'PodName', 'Namespace', 'ClusterName'] as const;
const service = ['Service', 'Namespace', 'ClusterName'] as const;
const namespace = ['Namespace', 'ClusterName'] as const;
const container = ['ContainerName', 'PodName', 'Namespace', 'ClusterName'] as const;
const fullContainer = [
  'ContainerName',
  'FullPodName',
  'PodName',
  'Namespace',
  'ClusterName',
] as const;

const of =
  (unit: string) =>
  (...names: readonly string[]): (readonly [string, string])[] =>
    names.map((name) => [name, unit] as const);
const percent = of('Percent');
const count = of('Count');
const bytes = of('Bytes');
const rate = of('Bytes/Second');
const countRate = of('Count/Second');
const none = of('None');

const podUtilization = [
  ...percent(
    'pod_cpu_utilization',
    'pod_memory_utilization',
    'pod_cpu_utilization_over_pod_limit',
    'pod_memory_utilization_over_pod_limit',
  ),
  ...rate('pod_network_rx_bytes', 'pod_network_tx_bytes'),
];
const podReserved = percent('pod_cpu_reserved_capacity', 'pod_memory_reserved_capacity');
const restarts = count('pod_number_of_container_restarts');
const nodeTotals = [
  ...none('node_cpu_usage_total', 'node_cpu_limit'),
  ...bytes('node_memory_working_set', 'node_memory_limit'),
];

/** What every Container Insights has. Source: user guide of CloudWatch, agent of CloudWatch. */
const classic: Readonly<Partial<Record<EventType, readonly Directive[]>>> = {
  Cluster: [
    { dimensions: [cluster], metrics: count('cluster_node_count', 'cluster_failed_node_count') },
  ],
  ClusterNamespace: [
    { dimensions: [namespace, cluster], metrics: count('namespace_number_of_running_pods') },
  ],
  ClusterService: [
    { dimensions: [service, cluster], metrics: count('service_number_of_running_pods') },
  ],
  Node: [
    {
      dimensions: [node, cluster],
      metrics: [
        ...percent(
          'node_cpu_utilization',
          'node_cpu_reserved_capacity',
          'node_memory_utilization',
          'node_memory_reserved_capacity',
        ),
        ...rate('node_network_total_bytes'),
        ...count('node_number_of_running_pods', 'node_number_of_running_containers'),
      ],
    },
    { dimensions: [cluster], metrics: nodeTotals },
  ],
  NodeFS: [{ dimensions: [node, cluster], metrics: percent('node_filesystem_utilization') }],
  Pod: [
    { dimensions: [pod, service, namespace, cluster], metrics: podUtilization },
    { dimensions: [pod, cluster], metrics: podReserved },
    { dimensions: [pod], metrics: restarts },
  ],
};

const podStates = [
  ...none('pod_cpu_request', 'pod_cpu_limit', 'pod_cpu_usage_total'),
  ...bytes('pod_memory_request', 'pod_memory_limit', 'pod_memory_working_set'),
  ...count(
    'pod_number_of_containers',
    'pod_number_of_running_containers',
    'pod_status_ready',
    'pod_status_scheduled',
    'pod_status_running',
    'pod_status_pending',
    'pod_status_failed',
    'pod_status_unknown',
    'pod_status_succeeded',
    'pod_container_status_running',
    'pod_container_status_terminated',
    'pod_container_status_waiting',
    'pod_container_status_waiting_reason_crash_loop_back_off',
    'pod_container_status_waiting_reason_image_pull_error',
    'pod_container_status_waiting_reason_start_error',
    'pod_container_status_waiting_reason_create_container_error',
    'pod_container_status_waiting_reason_create_container_config_error',
    'pod_container_status_terminated_reason_oom_killed',
  ),
];

const podDevices = extendedNames.flatMap((name) => [
  ...count(`pod_${name}_request`, `pod_${name}_limit`, `pod_${name}_usage_total`),
  ...percent(`pod_${name}_reserved_capacity`),
]);

const replicas: readonly Directive[] = [
  {
    dimensions: [pod, cluster],
    metrics: count(
      'replicas_desired',
      'replicas_ready',
      'status_replicas_available',
      'status_replicas_unavailable',
    ),
  },
];

const controlPlane: readonly Directive[] = [
  ...controlPlaneMetrics.map(({ name, unit, by }) => ({
    dimensions: [['ClusterName', ...by], cluster],
    metrics: of(unit)(name),
  })),
  { dimensions: [['ClusterName', 'code', 'verb'], cluster], metrics: count(serverErrors) },
];

/** Of nodes, pods and containers; a set of dimensions names the single device. */
const devices: Partial<Record<EventType, readonly Directive[]>> = {};
for (const [family, one] of Object.entries(deviceFamilies)) {
  const { device, nodeDevice = device, metrics, isGiven } = one;
  const put = (type: string, prefix: string, ...sets: (readonly string[])[]): void => {
    const named = metrics.map(([name, unit]) => [`${prefix}_${name}`, unit] as const);
    // A family whose devices have no dimension of their own has one set twice.
    const dimensions = [...new Map(sets.map((set) => [set.join(), set])).values()];
    devices[`${type}${family}` as EventType] = [{ dimensions, metrics: named }];
  };
  put('Node', 'node', cluster, node, [...node, ...nodeDevice]);
  if (!isGiven) continue;
  put('Pod', 'pod', cluster, namespace, service, pod, fullPod, [...fullPod, ...device]);
  put('Container', 'container', cluster, container, fullContainer, [...fullContainer, ...device]);
}

/** What enhanced observability adds. */
const enhanced: Readonly<Partial<Record<EventType, readonly Directive[]>>> = {
  ...devices,
  ControlPlane: controlPlane,
  Cluster: [
    {
      dimensions: [cluster],
      metrics: count('cluster_number_of_running_pods', 'persistent_volume_count'),
    },
  ],
  ClusterNamespace: [
    {
      dimensions: [namespace, cluster],
      metrics: count(
        'namespace_ingress_count',
        'persistent_volume_claim_count',
        'persistent_volume_claim_status_bound',
        'persistent_volume_claim_status_lost',
        'persistent_volume_claim_status_pending',
      ),
    },
  ],
  ClusterDeployment: replicas,
  ClusterStatefulSet: replicas,
  ClusterReplicaSet: replicas,
  ClusterDaemonSet: [
    {
      dimensions: [pod, cluster],
      metrics: count('daemonset_status_number_available', 'daemonset_status_number_unavailable'),
    },
  ],
  Node: [
    {
      dimensions: [node, cluster],
      metrics: count(
        'node_status_condition_ready',
        'node_status_condition_disk_pressure',
        'node_status_condition_memory_pressure',
        'node_status_condition_pid_pressure',
        'node_status_condition_network_unavailable',
        'node_status_condition_unknown',
        'node_status_capacity_pods',
        'node_status_allocatable_pods',
      ),
    },
    { dimensions: [node], metrics: nodeTotals },
    {
      dimensions: [node, cluster],
      metrics: extendedNames.flatMap((name) => [
        ...count(`node_${name}_limit`, `node_${name}_usage_total`),
        ...percent(
          `node_${name}_reserved_capacity`,
          `node_${name}_unreserved_capacity`,
          `node_${name}_available_capacity`,
        ),
      ]),
    },
  ],
  NodeFS: [
    {
      dimensions: [node, cluster],
      metrics: count('node_filesystem_inodes', 'node_filesystem_inodes_free'),
    },
  ],
  NodeNet: [
    {
      dimensions: [node, cluster],
      metrics: countRate('node_interface_network_rx_dropped', 'node_interface_network_tx_dropped'),
    },
  ],
  NodeDiskIO: [
    {
      dimensions: [node, cluster],
      metrics: [
        ...rate('node_diskio_io_service_bytes_total'),
        ...countRate('node_diskio_io_serviced_total'),
      ],
    },
  ],
  Pod: [
    { dimensions: [fullPod], metrics: podUtilization },
    { dimensions: [fullPod, service], metrics: [...podReserved, ...restarts] },
    { dimensions: [cluster], metrics: restarts },
    { dimensions: [pod, fullPod, service, cluster], metrics: [...podStates, ...podDevices] },
  ],
  PodNet: [
    {
      dimensions: [fullPod, pod, namespace, cluster],
      metrics: countRate('pod_interface_network_rx_dropped', 'pod_interface_network_tx_dropped'),
    },
  ],
  Container: [
    {
      dimensions: [container, fullContainer, cluster],
      metrics: [
        ...percent(
          'container_cpu_utilization',
          'container_memory_utilization',
          'container_cpu_utilization_over_container_limit',
          'container_memory_utilization_over_container_limit',
        ),
        ...none('container_cpu_limit', 'container_cpu_request'),
        ...bytes('container_memory_limit', 'container_memory_request'),
        ...countRate('container_memory_failures_total'),
      ],
    },
  ],
  ContainerFS: [
    {
      dimensions: [container, fullContainer, cluster],
      metrics: [
        ...bytes('container_filesystem_usage', 'container_filesystem_available'),
        ...percent('container_filesystem_utilization'),
      ],
    },
  ],
};

/** Numbers, and distributions. */
const isValue = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'object' && value !== null && 'Count' in value);

/**
 * What of a document is a metric: only what it has, by the dimensions that it has, so that nothing is
 * named which is missing.
 */
export function directivesOf(type: EventType, document: Document, isEnhanced: boolean): unknown[] {
  const all = [...(classic[type] ?? []), ...(isEnhanced ? (enhanced[type] ?? []) : [])];
  return all.flatMap(({ dimensions, metrics }) => {
    const present = metrics.filter(([name]) => isValue(document[name]));
    const sets = dimensions.filter((set) => set.every((name) => document[name] !== undefined));
    if (present.length === 0 || sets.length === 0) return [];
    return [
      {
        Namespace: metricsNamespace,
        Dimensions: sets,
        Metrics: present.map(([Name, Unit]) => ({ Name, Unit })),
      },
    ];
  });
}
