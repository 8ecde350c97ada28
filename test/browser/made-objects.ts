import type { FakeObject } from '../../src/kubernetes/client/testing/fake-api.ts';
import { answer, FakeApi, refusal } from '../../src/kubernetes/client/testing/fake-api.ts';
import {
  clusterName,
  containerId,
  killsBeforeMs,
  type MadePod,
  nodeCapacity,
  nodes,
  pods,
  workloads,
} from './made-cluster.ts';

const kinds: Readonly<
  Record<string, readonly (readonly [name: string, kind: string, isGlobal?: true])[]>
> = {
  '/api/v1': [
    ['pods', 'Pod'],
    ['nodes', 'Node', true],
    ['namespaces', 'Namespace', true],
    ['services', 'Service'],
    ['endpoints', 'Endpoints'],
    ['configmaps', 'ConfigMap'],
    ['secrets', 'Secret'],
    ['events', 'Event'],
    ['persistentvolumeclaims', 'PersistentVolumeClaim'],
    ['persistentvolumes', 'PersistentVolume', true],
    ['resourcequotas', 'ResourceQuota'],
    ['limitranges', 'LimitRange'],
    ['serviceaccounts', 'ServiceAccount'],
    ['replicationcontrollers', 'ReplicationController'],
  ],
  '/apis/apps/v1': [
    ['deployments', 'Deployment'],
    ['replicasets', 'ReplicaSet'],
    ['statefulsets', 'StatefulSet'],
    ['daemonsets', 'DaemonSet'],
  ],
  '/apis/batch/v1': [
    ['jobs', 'Job'],
    ['cronjobs', 'CronJob'],
  ],
  '/apis/autoscaling/v2': [['horizontalpodautoscalers', 'HorizontalPodAutoscaler']],
};

/** An API server that has the objects of the made-up cluster. */
export async function openMadeApi(nowMs: number): Promise<FakeApi> {
  const api = await FakeApi.open('http');
  api.intercept = ({ path, method }, response) => {
    if (path === '/version') answer(response, 200, { gitVersion: 'v1.33.1' });
    else if (path === '/apis') {
      const groups = Object.keys(kinds).flatMap((key) => {
        const [, name, version] = /^\/apis\/([^/]+)\/(.+)$/.exec(key) ?? [];
        return name === undefined
          ? []
          : { name, versions: [{ version }], preferredVersion: { version } };
      });
      answer(response, 200, { groups });
    } else if (/^\/api\/v1$|^\/apis\/[^/]+\/[^/]+$/.test(path)) {
      const found = kinds[path];
      if (found === undefined) answer(response, 404, refusal(404, 'NotFound', 'no'));
      else answer(response, 200, { resources: found.map(resourceOf) });
    } else {
      // The fake has collections; the object of a name is one of them.
      const [, collection, namespace, plural, name] =
        /^(.*?)(?:\/namespaces\/([^/]+))?\/([a-z]+)\/([^/]+)$/.exec(path) ?? [];
      const isList = plural === 'namespaces' || (plural ?? '').startsWith('v');
      if (method !== 'GET' || collection === undefined || isList) return false;
      const object = api
        .objects(`${collection}/${plural}`)
        .find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
      if (object === undefined) return false;
      answer(response, 200, object);
    }
    return true;
  };
  for (const [path, object] of objects(nowMs)) api.put(path, object);
  // A collection without objects is there all the same.
  for (const [root, resources] of Object.entries(kinds)) {
    for (const [name] of resources) {
      if (api.objects(`${root}/${name}`).length > 0) continue;
      api.put(`${root}/${name}`, { metadata: { name: 'x', namespace: 'default' } });
      api.remove(`${root}/${name}`, 'x');
    }
  }
  return api;
}

const resourceOf = ([name, kind, isGlobal]: readonly [string, string, true?]): unknown => ({
  name,
  kind,
  singularName: kind.toLowerCase(),
  namespaced: isGlobal !== true,
  verbs: ['get', 'list', 'watch'],
});

const iso = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

function* objects(nowMs: number): Generator<readonly [path: string, object: FakeObject]> {
  const old = iso(nowMs - 40 * 86_400_000);
  for (const name of new Set([...pods.map(({ namespace }) => namespace), 'default'])) {
    yield [
      '/api/v1/namespaces',
      { metadata: { name, creationTimestamp: old }, status: { phase: 'Active' } },
    ];
  }
  for (const [at, name] of nodes.entries()) yield ['/api/v1/nodes', nodeOf(name, at, old)];
  for (const workload of workloads) {
    const { kind, name, namespace, containers, trouble, count } = workload;
    if (kind === 'Pod') continue;
    const plural = {
      Deployment: 'deployments',
      StatefulSet: 'statefulsets',
      DaemonSet: 'daemonsets',
      Job: 'jobs',
    }[kind];
    const own = pods.filter((pod) => pod.namespace === namespace && pod.workload.name === name);
    const ready = own.filter((pod) => pod.trouble === undefined).length;
    const replicaSet = own[0]?.replicaSet;
    const metadata = {
      namespace,
      creationTimestamp: iso(nowMs - (own[0]?.ageMs ?? 0) - 60_000),
      labels: { app: name },
    };
    const template = {
      metadata: { labels: { app: name } },
      spec: { containers: containers.map((one) => specOf(one)) },
    };
    const uid = `uid-${kind}-${name}`;
    yield [
      kind === 'Job' ? '/apis/batch/v1/jobs' : `/apis/apps/v1/${plural}`,
      {
        metadata: { ...metadata, name, uid },
        spec: {
          replicas: count,
          completions: count,
          selector: { matchLabels: { app: name } },
          template,
        },
        status: {
          replicas: count,
          readyReplicas: ready,
          availableReplicas: ready,
          updatedReplicas: count,
          numberReady: ready,
          desiredNumberScheduled: count,
          updatedNumberScheduled: count,
          numberAvailable: ready,
          succeeded: trouble === 'completed' ? count : 0,
          conditions:
            kind === 'Job'
              ? [{ type: 'Complete', status: 'True' }]
              : [{ type: 'Available', status: 'True' }],
        },
      },
    ];
    if (replicaSet !== undefined) {
      yield [
        '/apis/apps/v1/replicasets',
        {
          metadata: {
            ...metadata,
            name: replicaSet,
            uid: `uid-${replicaSet}`,
            annotations: { 'deployment.kubernetes.io/revision': '4' },
            ownerReferences: [{ kind, name, uid, controller: true, apiVersion: 'apps/v1' }],
          },
          spec: { replicas: count, template },
          status: { replicas: count, readyReplicas: ready },
        },
      ];
    }
  }
  for (const pod of pods) yield ['/api/v1/pods', podOf(pod, nowMs)];
  for (const at of [0, 1, 2]) {
    yield [
      '/api/v1/persistentvolumeclaims',
      {
        metadata: { namespace: 'search', name: `data-index-${at}`, creationTimestamp: old },
        spec: {
          storageClassName: 'gp3',
          accessModes: ['ReadWriteOnce'],
          volumeName: `pvc-${at}a7f`,
          resources: { requests: { storage: '20Gi' } },
        },
        status: { phase: 'Bound', capacity: { storage: '20Gi' }, accessModes: ['ReadWriteOnce'] },
      },
    ];
  }
  yield* events(nowMs);
}

function nodeOf(name: string, at: number, created: string): FakeObject {
  const { cpu, memory, pods: maxPods } = nodeCapacity;
  const amounts = (share: number): Record<string, string> => ({
    cpu: `${Math.round(cpu * share * 1000)}m`,
    memory: `${Math.round((memory * share) / 1024)}Ki`,
    pods: String(maxPods),
  });
  return {
    metadata: {
      name,
      creationTimestamp: created,
      labels: {
        'node.kubernetes.io/instance-type': 'm7g.xlarge',
        'topology.kubernetes.io/zone': `ap-northeast-2${'abc'[at]}`,
        'kubernetes.io/hostname': name,
      },
    },
    spec: {},
    status: {
      capacity: amounts(1),
      allocatable: amounts(0.94),
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: `10.1.0.${at + 10}` }],
      nodeInfo: {
        kubeletVersion: 'v1.33.1',
        osImage: 'Amazon Linux 2023',
        architecture: 'arm64',
        operatingSystem: 'linux',
        containerRuntimeVersion: 'containerd://1.7.27',
        kernelVersion: '6.1',
      },
    },
  };
}

const specOf = (one: MadePod['containers'][number]): Record<string, unknown> => ({
  name: one.name,
  image: one.image,
  env: [{ name: 'LOG_LEVEL', value: 'info' }],
  resources: {
    requests: {
      cpu: `${Math.round(one.cpuRequest * 1000)}m`,
      memory: `${Math.round(one.memoryRequest / 1024)}Ki`,
    },
    limits: {
      ...(one.cpuLimit === undefined ? {} : { cpu: `${Math.round(one.cpuLimit * 1000)}m` }),
      memory: `${Math.round(one.memoryLimit / 1024)}Ki`,
    },
  },
});

function podOf(pod: MadePod, nowMs: number): FakeObject {
  const { namespace, name, uid, node, workload, replicaSet, trouble, ip } = pod;
  const owner =
    replicaSet !== undefined
      ? { kind: 'ReplicaSet', name: replicaSet, uid: `uid-${replicaSet}` }
      : { kind: workload.kind, name: workload.name, uid: `uid-${workload.kind}-${workload.name}` };
  const started = iso(nowMs - pod.ageMs + 5000);
  const isRunning = trouble === undefined || trouble === 'oom';
  const lastKill = iso(nowMs - (killsBeforeMs.at(-1) as number));
  const statuses = pod.containers.map((one) => ({
    name: one.name,
    image: one.image,
    ready: trouble === undefined,
    restartCount: trouble === 'oom' ? killsBeforeMs.length : 0,
    containerID: `containerd://${containerId(pod, one.name, 0)}`,
    state:
      trouble === 'image'
        ? {
            waiting: {
              reason: 'ImagePullBackOff',
              message: `Back-off pulling image "${one.image}"`,
            },
          }
        : trouble === 'completed'
          ? { terminated: { exitCode: 0, reason: 'Completed', finishedAt: started } }
          : trouble === 'oom'
            ? { waiting: { reason: 'CrashLoopBackOff' } }
            : { running: { startedAt: started } },
    lastState:
      trouble === 'oom'
        ? { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: lastKill } }
        : {},
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      uid,
      labels: { app: workload.name, tier: namespace === 'shop' ? 'front' : 'back' },
      creationTimestamp: iso(nowMs - pod.ageMs),
      ...(workload.kind === 'Pod'
        ? {}
        : { ownerReferences: [{ ...owner, controller: true, apiVersion: 'apps/v1' }] }),
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      containers: pod.containers.map((one) => specOf(one)),
      ...(workload.kind === 'StatefulSet'
        ? { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${name}` } }] }
        : {}),
    },
    status: {
      phase: trouble === 'completed' ? 'Succeeded' : isRunning ? 'Running' : 'Pending',
      podIP: ip,
      conditions: [{ type: 'Ready', status: trouble === undefined ? 'True' : 'False' }],
      ...(node === undefined ? {} : { containerStatuses: statuses }),
    },
  };
}

function* events(nowMs: number): Generator<readonly [string, FakeObject]> {
  let serial = 0;
  const event = (
    pod: MadePod,
    type: string,
    reason: string,
    message: string,
    beforeMs: number,
    count = 1,
  ): readonly [string, FakeObject] => [
    '/api/v1/events',
    {
      metadata: {
        namespace: pod.namespace,
        name: `${pod.name}.${(++serial).toString(16)}`,
        creationTimestamp: iso(nowMs - beforeMs),
      },
      type,
      reason,
      message,
      count,
      firstTimestamp: iso(nowMs - beforeMs),
      lastTimestamp: iso(nowMs - beforeMs),
      involvedObject: { kind: 'Pod', namespace: pod.namespace, name: pod.name, uid: pod.uid },
      source: { component: 'kubelet', host: pod.node },
    },
  ];
  for (const pod of pods) {
    if (pod.trouble === 'oom') {
      for (const before of killsBeforeMs) {
        yield event(
          pod,
          'Warning',
          'BackOff',
          'Back-off restarting failed container payments',
          before - 5000,
        );
      }
    }
    if (pod.trouble === 'image') {
      const image = pod.containers[0]?.image ?? '';
      yield event(
        pod,
        'Warning',
        'Failed',
        `Failed to pull image "${image}": not found`,
        33 * 60_000,
        9,
      );
      yield event(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, 60_000, 131);
    }
    if (pod.trouble === 'unscheduled') {
      yield event(
        pod,
        'Warning',
        'FailedScheduling',
        '0/3 nodes are available: 3 Insufficient cpu.',
        120_000,
        14,
      );
    }
  }
}

/** A kubeconfig for the API server. */
export const kubeconfigOf = (url: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusterName,
    clusters: [{ name: clusterName, cluster: { server: url } }],
    users: [{ name: 'reader', user: {} }],
    contexts: [{ name: clusterName, context: { cluster: clusterName, user: 'reader' } }],
  });
