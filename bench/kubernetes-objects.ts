import type { KubernetesObject } from '#kubernetes/state-metrics';

/** Objects of a made-up cluster: by number always the same, as the API server would write them. */

const hex = (number: number, length: number): string =>
  (Math.imul(number + 1, 2654435761) >>> 0).toString(16).padStart(length, '0').slice(-length);

const uidOf = (number: number): string =>
  `${hex(number, 8)}-${hex(number + 1, 4)}-4${hex(number + 2, 3)}-a${hex(number + 3, 3)}-${hex(number + 4, 8)}${hex(number + 5, 4)}`;

export const podsByNode = (pods: number, nodes: number): number => Math.floor(pods / nodes);

const nodeName = (number: number): string =>
  `ip-10-0-${Math.floor(number / 250)}-${number % 250}.ap-northeast-2.compute.internal`;

export function clusterNode(number: number): KubernetesObject {
  const conditions = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'];
  const node = {
    metadata: {
      name: nodeName(number),
      uid: uidOf(1_000_000 + number),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': `zone-${number % 3}` },
    },
    spec: { providerID: `aws:///zone/i-${hex(number, 8)}`, podCIDR: '10.1.0.0/24' },
    status: {
      capacity: { cpu: '32', memory: '129000000Ki', pods: '234', 'ephemeral-storage': '100Gi' },
      allocatable: { cpu: '31850m', memory: '126000000Ki', pods: '234' },
      conditions: conditions.map((type) => ({ type, status: type === 'Ready' ? 'True' : 'False' })),
      addresses: [
        { type: 'InternalIP', address: `10.0.${Math.floor(number / 250)}.${number % 250}` },
      ],
      nodeInfo: {
        kernelVersion: '6.1.0',
        osImage: 'Linux',
        kubeletVersion: 'v1.33.1',
        containerRuntimeVersion: 'containerd://2.0',
      },
    },
  };
  return node as KubernetesObject;
}

export interface PodState {
  readonly restarts: number;
  readonly isReady: boolean;
}

export function clusterPod(
  number: number,
  nodes: number,
  { restarts, isReady }: PodState = { restarts: 0, isReady: true },
): KubernetesObject {
  const app = `service-${number % 200}`;
  const replicaSet = `${app}-${hex(number % 200, 8)}`;
  const startedAt = '2026-01-02T03:04:06Z';
  const ip = `10.${1 + Math.floor(number / 65_025)}.${Math.floor(number / 255) % 255}.${number % 255}`;
  const containers = ['app', 'sidecar'].map((name) => ({
    name,
    image: `registry.example.com/${app}/${name}:1.0.${number % 7}`,
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '1', memory: '256Mi' },
    },
  }));
  const pod = {
    metadata: {
      name: `${replicaSet}-${hex(number, 5)}${number}`,
      namespace: `team-${number % 30}`,
      uid: uidOf(number),
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { app, 'pod-template-hash': hex(number % 200, 8) },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: replicaSet,
          uid: uidOf(2_000_000 + (number % 200)),
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: nodeName(number % nodes),
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
      serviceAccountName: app,
      tolerations: ['not-ready', 'unreachable'].map((key) => ({
        key: `node.kubernetes.io/${key}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      containers,
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      hostIP: `10.0.0.${number % nodes}`,
      podIP: ip,
      podIPs: [{ ip }],
      startTime: startedAt,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: isReady || type === 'Initialized' || type === 'PodScheduled' ? 'True' : 'False',
        lastTransitionTime: startedAt,
      })),
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        imageID: `registry.example.com/${app}/${name}@sha256:${hex(number % 200, 8).repeat(8)}`,
        containerID: `containerd://${hex(number, 8).repeat(8)}`,
        ready: isReady,
        restartCount: restarts,
        state: { running: { startedAt } },
        lastState:
          restarts > 0
            ? { terminated: { exitCode: 1, reason: 'Error', startedAt, finishedAt: startedAt } }
            : {},
      })),
    },
  };
  return pod as KubernetesObject;
}
