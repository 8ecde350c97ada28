import type { Node } from 'kubernetes-types/core/v1.d.ts';
import type { Family, Resource } from '../contract.ts';
import {
  conditions,
  created,
  deletionTimestamp,
  emitResources,
  gauge,
  info,
  labelFamilies,
  nameOf,
  truth,
} from './common.ts';

const rolePrefix = 'node-role.kubernetes.io/';

const nodeInfo = info<Node>(
  'kube_node_info',
  'What the node is: versions, addresses, ids.',
  ({ spec, status }) => {
    const versions = status?.nodeInfo;
    const internal = status?.addresses?.find(({ type }) => type === 'InternalIP');
    return [
      'kernel_version',
      versions?.kernelVersion ?? '',
      'os_image',
      versions?.osImage ?? '',
      'container_runtime_version',
      versions?.containerRuntimeVersion ?? '',
      'kubelet_version',
      versions?.kubeletVersion ?? '',
      // Kubernetes no longer knows it; the label is kept for those who group by it.
      'kubeproxy_version',
      'deprecated',
      'provider_id',
      spec?.providerID ?? '',
      'pod_cidr',
      spec?.podCIDR ?? '',
      'system_uuid',
      versions?.systemUUID ?? '',
      'internal_ip',
      internal?.address ?? '',
    ];
  },
);

const role: Family<Node> = {
  name: 'kube_node_role',
  help: 'Roles of the node.',
  emit: (node, add) => {
    for (const label of Object.keys(node.metadata?.labels ?? {})) {
      if (label.startsWith(rolePrefix)) add(1, ['role', label.slice(rolePrefix.length)]);
    }
  },
};

const podCidrs: Family<Node> = {
  name: 'kube_node_spec_pod_cidrs',
  help: 'Address ranges of the pods of the node.',
  emit: ({ spec }, add) => {
    for (const cidr of spec?.podCIDRs ?? []) add(1, ['pod_cidr', cidr]);
  },
};

const taints: Family<Node> = {
  name: 'kube_node_spec_taint',
  help: 'Taints of the node.',
  emit: ({ spec }, add) => {
    for (const { key, value = '', effect } of spec?.taints ?? []) {
      add(1, ['key', key, 'value', value, 'effect', effect]);
    }
  },
};

const addresses: Family<Node> = {
  name: 'kube_node_status_addresses',
  help: 'Addresses of the node.',
  emit: ({ status }, add) => {
    for (const { type, address } of status?.addresses ?? [])
      add(1, ['type', type, 'address', address]);
  },
};

const resources = (which: 'allocatable' | 'capacity', help: string): Family<Node> => ({
  name: `kube_node_status_${which}`,
  help,
  emit: ({ status }, add) => emitResources(status?.[which], add, { hasPods: true }),
});

export const nodes: Resource<Node> = {
  name: 'nodes',
  identity: ['node'],
  identify: (node) => [nameOf(node)],
  families: (allowed) => [
    ...labelFamilies<Node>('kube_node', allowed),
    created('kube_node'),
    deletionTimestamp('kube_node'),
    nodeInfo,
    role,
    podCidrs,
    taints,
    gauge('kube_node_spec_unschedulable', 'Whether the node takes no new pods.', ({ spec }) =>
      truth(spec?.unschedulable),
    ),
    resources('allocatable', 'What pods may use of the node, by resource.'),
    resources('capacity', 'What the node has, by resource.'),
    conditions(
      'kube_node_status_condition',
      'Conditions of the node: one row of each is 1.',
      ({ status }) => status?.conditions,
    ),
    addresses,
  ],
};
