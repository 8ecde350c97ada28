import { isIPv4, isIPv6 } from 'node:net';
import type { Pod, PodCondition, Toleration } from 'kubernetes-types/core/v1.d.ts';
import { quantityThousandths, quantityUnits } from '#kubernetes/cluster';
import type { Family, Resource } from '../contract.ts';
import {
  created,
  deletionTimestamp,
  emitStatus,
  gauge,
  info,
  labelFamilies,
  nameOf,
  namespaceOf,
  owner,
  phases,
  timeGauge,
  truth,
  uidOf,
  unixSeconds,
} from './common.ts';
import { containerFamilies, initContainerFamilies } from './containers.ts';

const podReasons: readonly string[] = [
  'Evicted',
  'NodeAffinity',
  'NodeLost',
  'PreemptionByScheduler',
  'SchedulingGated',
  'Shutdown',
  'TerminationByKubelet',
  'UnexpectedAdmissionError',
];

const disruptionReasons: readonly string[] = [
  'PreemptionByScheduler',
  'DeletionByTaintManager',
  'EvictionByEvictionAPI',
  'DeletionByPodGC',
  'TerminationByKubelet',
];

const qosClasses: readonly string[] = ['BestEffort', 'Burstable', 'Guaranteed'];

const conditionsOf = (pod: Pod): readonly PodCondition[] => pod.status?.conditions ?? [];

/** When a condition came to be as it is, while it is so. */
const conditionTime = (
  name: string,
  help: string,
  type: string,
  status: 'True' | 'False',
): Family<Pod> => ({
  name,
  help,
  emit: (pod, add) => {
    for (const condition of conditionsOf(pod)) {
      if (condition.type !== type || condition.status !== status) continue;
      const time = unixSeconds(condition.lastTransitionTime);
      if (time !== undefined) add(time);
    }
  },
});

const conditionRows = (name: string, help: string, type: string): Family<Pod> => ({
  name,
  help,
  emit: (pod, add) => {
    for (const condition of conditionsOf(pod)) {
      if (condition.type === type) emitStatus(condition.status, add, 'condition');
    }
  },
});

function hasReason(pod: Pod, reason: string): boolean {
  return (
    pod.status?.reason === reason ||
    conditionsOf(pod).some((condition) => condition.reason === reason) ||
    (pod.status?.containerStatuses ?? []).some(({ state }) => state?.terminated?.reason === reason)
  );
}

const statusReason: Family<Pod> = {
  name: 'kube_pod_status_reason',
  help: 'Why the pod is in its state, where it says so.',
  emit: (pod, add) => {
    for (const reason of podReasons) if (hasReason(pod, reason)) add(1, ['reason', reason]);
    const own = pod.status?.reason;
    if (own !== undefined && own !== '' && !podReasons.includes(own)) add(1, ['reason', 'Other']);
  },
};

const disruptionReason: Family<Pod> = {
  name: 'kube_pod_status_disruption_reason',
  help: 'Why the pod is about to be disrupted.',
  emit: (pod, add) => {
    for (const { type, reason = '' } of conditionsOf(pod)) {
      if (type !== 'DisruptionTarget') continue;
      add(1, ['reason', disruptionReasons.includes(reason) ? reason : 'Other']);
    }
  },
};

const podInfo = info<Pod>(
  'kube_pod_info',
  'What the pod is: node, addresses, who made it.',
  (pod) => {
    const maker = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
    return [
      'host_ip',
      pod.status?.hostIP ?? '',
      'pod_ip',
      pod.status?.podIP ?? '',
      'node',
      pod.spec?.nodeName ?? '',
      'created_by_kind',
      maker?.kind ?? '',
      'created_by_name',
      maker?.name ?? '',
      'priority_class',
      pod.spec?.priorityClassName ?? '',
      'host_network',
      String(pod.spec?.hostNetwork ?? false),
    ];
  },
);

const addresses: Family<Pod> = {
  name: 'kube_pod_ips',
  help: 'IP addresses of the pod.',
  emit: (pod, add) => {
    for (const { ip = '' } of pod.status?.podIPs ?? []) {
      // An IPv4 address in IPv6 clothes is an IPv4 address.
      const plain = ip.replace(/^::ffff:(?=\d+\.\d)/i, '');
      const family = isIPv4(plain) ? '4' : isIPv6(plain) ? '6' : undefined;
      if (family !== undefined) add(1, ['ip', ip, 'ip_family', family]);
    }
  },
};

const completionTime = gauge<Pod>(
  'kube_pod_completion_time',
  'When the last container of the pod ended, Unix seconds.',
  (pod) => {
    const times = (pod.status?.containerStatuses ?? []).map(
      ({ state }) => unixSeconds(state?.terminated?.finishedAt) ?? 0,
    );
    const last = Math.max(0, ...times);
    return last > 0 ? last : undefined;
  },
);

const qosClass: Family<Pod> = {
  name: 'kube_pod_status_qos_class',
  help: 'The class of service of the pod: one of the rows is 1.',
  emit: (pod, add) => {
    const own = pod.status?.qosClass;
    if (own === undefined) return;
    for (const each of qosClasses) add(each === own ? 1 : 0, ['qos_class', each]);
  },
};

const unschedulable: Family<Pod> = {
  name: 'kube_pod_status_unschedulable',
  help: 'The scheduler found no node for the pod.',
  emit: (pod, add) => {
    if (conditionsOf(pod).some(({ type, status }) => type === 'PodScheduled' && status === 'False'))
      add(1);
  },
};

const tolerationPairs = ({
  key,
  operator,
  value,
  effect,
  tolerationSeconds,
}: Toleration): string[] => [
  'key',
  key ?? '',
  'operator',
  operator ?? '',
  'value',
  value ?? '',
  'effect',
  effect ?? '',
  'toleration_seconds',
  tolerationSeconds === undefined ? '' : String(tolerationSeconds),
];

const tolerations: Family<Pod> = {
  name: 'kube_pod_tolerations',
  help: 'Taints that the pod tolerates.',
  emit: (pod, add) => {
    for (const toleration of pod.spec?.tolerations ?? []) add(1, tolerationPairs(toleration));
  },
};

/** Volumes that are claims, or that a claim is made for. */
const claims = (name: string, help: string, value: (readOnly: boolean) => number): Family<Pod> => ({
  name,
  help,
  emit: (pod, add) => {
    for (const volume of pod.spec?.volumes ?? []) {
      const claim = volume.persistentVolumeClaim;
      if (claim !== undefined) {
        const labels = [
          'volume',
          volume.name,
          'persistentvolumeclaim',
          claim.claimName,
          'ephemeral',
          'false',
        ];
        add(value(claim.readOnly === true), labels);
      } else if (volume.ephemeral !== undefined) {
        const claimName = `${nameOf(pod)}-${volume.name}`;
        add(value(false), [
          'volume',
          volume.name,
          'persistentvolumeclaim',
          claimName,
          'ephemeral',
          'true',
        ]);
      }
    }
  },
});

interface ResourceClaims {
  readonly spec?: {
    readonly resourceClaims?: readonly {
      readonly name: string;
      readonly resourceClaimName?: string;
      readonly resourceClaimTemplateName?: string;
    }[];
  };
  readonly status?: {
    readonly resourceClaimStatuses?: readonly {
      readonly name: string;
      readonly resourceClaimName?: string;
    }[];
  };
}

const resourceClaims: Family<Pod> = {
  name: 'kube_pod_resourceclaim_info',
  help: 'Claims of devices that the pod refers to.',
  emit: (pod, add) => {
    const { spec, status } = pod as ResourceClaims;
    for (const { name, resourceClaimName, resourceClaimTemplateName } of spec?.resourceClaims ??
      []) {
      if (resourceClaimName === undefined && resourceClaimTemplateName === undefined) continue;
      const resolved =
        resourceClaimName ??
        status?.resourceClaimStatuses?.find((each) => each.name === name)?.resourceClaimName ??
        '';
      const template = resourceClaimTemplateName ?? '';
      add(1, [
        'claim_name',
        name,
        'resourceclaim_name',
        resolved,
        'resourceclaim_template_name',
        template,
      ]);
    }
  },
};

const overhead = (
  name: string,
  help: string,
  resource: string,
  read: (text: string) => number,
): Family<Pod> =>
  gauge(name, help, (pod) => {
    const quantity = pod.spec?.overhead?.[resource];
    return quantity === undefined ? undefined : read(quantity);
  });

const runtimeClass: Family<Pod> = {
  name: 'kube_pod_runtimeclass_name_info',
  help: 'The runtime class of the pod.',
  emit: (pod, add) => {
    const name = pod.spec?.runtimeClassName;
    if (name !== undefined) add(1, ['runtimeclass_name', name]);
  },
};

export const pods: Resource<Pod> = {
  name: 'pods',
  identity: ['namespace', 'pod', 'uid'],
  identify: (pod) => [namespaceOf(pod), nameOf(pod), uidOf(pod)],
  families: (allowed) => [
    completionTime,
    ...containerFamilies,
    created('kube_pod'),
    deletionTimestamp('kube_pod'),
    podInfo,
    addresses,
    ...initContainerFamilies,
    ...labelFamilies<Pod>('kube_pod', allowed),
    overhead(
      'kube_pod_overhead_cpu_cores',
      'Cores that running the pod takes beyond its containers.',
      'cpu',
      quantityThousandths,
    ),
    overhead(
      'kube_pod_overhead_memory_bytes',
      'Memory that running the pod takes beyond its containers.',
      'memory',
      quantityUnits,
    ),
    owner('kube_pod'),
    resourceClaims,
    info('kube_pod_restart_policy', 'When containers of the pod are started again.', (pod) => [
      'type',
      pod.spec?.restartPolicy ?? '',
    ]),
    runtimeClass,
    claims(
      'kube_pod_spec_volumes_persistentvolumeclaims_info',
      'Volumes of the pod that are claims.',
      () => 1,
    ),
    claims(
      'kube_pod_spec_volumes_persistentvolumeclaims_readonly',
      'Whether a claim is mounted for reading only.',
      truth,
    ),
    timeGauge(
      'kube_pod_start_time',
      'When the kubelet took the pod up, Unix seconds.',
      (pod) => pod.status?.startTime,
    ),
    phases(
      'kube_pod_status_phase',
      'The phase of the pod: one of the rows is 1.',
      ['Pending', 'Succeeded', 'Failed', 'Unknown', 'Running'],
      (pod) => pod.status?.phase,
    ),
    qosClass,
    conditionRows(
      'kube_pod_status_ready',
      'Whether the pod is ready for requests: one of the rows is 1.',
      'Ready',
    ),
    conditionTime(
      'kube_pod_status_ready_time',
      'Since when the pod is ready, Unix seconds.',
      'Ready',
      'True',
    ),
    conditionTime(
      'kube_pod_status_initialized_time',
      'Since when the init containers are done, Unix seconds.',
      'Initialized',
      'True',
    ),
    conditionTime(
      'kube_pod_status_container_ready_time',
      'Since when all containers are ready, Unix seconds.',
      'ContainersReady',
      'True',
    ),
    statusReason,
    disruptionReason,
    conditionRows(
      'kube_pod_status_scheduled',
      'Whether the pod has a node: one of the rows is 1.',
      'PodScheduled',
    ),
    conditionTime(
      'kube_pod_status_scheduled_time',
      'Since when the pod has a node, Unix seconds.',
      'PodScheduled',
      'True',
    ),
    unschedulable,
    conditionTime(
      'kube_pod_status_unscheduled_time',
      'Since when there is no node for the pod, Unix seconds.',
      'PodScheduled',
      'False',
    ),
    tolerations,
    info('kube_pod_service_account', 'The service account of the pod.', (pod) => [
      'service_account',
      pod.spec?.serviceAccountName ?? '',
    ]),
    info('kube_pod_scheduler', 'The scheduler of the pod.', (pod) => [
      'name',
      pod.spec?.schedulerName ?? '',
    ]),
  ],
};
