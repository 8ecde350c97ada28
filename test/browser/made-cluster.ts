/**
 * A made-up cluster: three nodes, sixty pods and what they go through in an hour, the same in every run.
 * One container is killed for memory again and again, one image cannot be pulled, one pod finds no node.
 */

export const clusterName: string = 'demo';
export const nodes = ['node-a', 'node-b', 'node-c'] as const;
const gib = 1024 ** 3;
const mib = 1024 ** 2;

export interface MadeContainer {
  readonly name: string;
  readonly image: string;
  readonly cpuRequest: number;
  readonly cpuLimit: number | undefined;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
  /** On average. */
  readonly cpu: number;
  readonly memory: number;
}

export type Trouble = 'oom' | 'image' | 'unscheduled' | 'completed';

export interface MadePod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Undefined: no node takes it. */
  readonly node: string | undefined;
  readonly ip: string;
  readonly workload: { readonly kind: string; readonly name: string };
  /** Undefined: of no replica set. */
  readonly replicaSet: string | undefined;
  readonly containers: readonly MadeContainer[];
  readonly trouble: Trouble | undefined;
  readonly ageMs: number;
}

export interface MadeWorkload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
  readonly containers: readonly MadeContainer[];
  readonly trouble?: Trouble;
}

const container = (
  name: string,
  image: string,
  cpu: number,
  memoryMib: number,
  more: Partial<MadeContainer> = {},
): MadeContainer => ({
  name,
  image,
  cpu,
  memory: memoryMib * mib,
  cpuRequest: cpu * 1.4,
  cpuLimit: cpu * 3,
  memoryRequest: memoryMib * 1.3 * mib,
  memoryLimit: memoryMib * 2 * mib,
  ...more,
});

const proxy = container('envoy', 'envoyproxy/envoy:v1.31', 0.02, 48);

export const workloads: readonly MadeWorkload[] = [
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'web',
    count: 16,
    containers: [container('nginx', 'nginx:1.27', 0.06, 40), proxy],
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'cart',
    count: 10,
    containers: [container('cart', 'registry.example.com/shop/cart:2.14.1', 0.12, 180)],
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'orders',
    count: 8,
    containers: [container('orders', 'registry.example.com/shop/orders:5.0.3', 0.22, 260)],
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'payments',
    count: 3,
    trouble: 'oom',
    containers: [
      container('payments', 'registry.example.com/shop/payments:1.9.0', 0.09, 60, {
        memoryLimit: 64 * mib,
        memoryRequest: 48 * mib,
      }),
    ],
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'mailer',
    count: 2,
    trouble: 'image',
    containers: [container('mailer', 'registry.example.com/shop/mailer:latest-typo', 0.01, 30)],
  },
  {
    kind: 'StatefulSet',
    namespace: 'search',
    name: 'index',
    count: 3,
    containers: [container('index', 'search/index:8.15', 0.45, 1400)],
  },
  {
    kind: 'Deployment',
    namespace: 'search',
    name: 'query',
    count: 6,
    containers: [container('query', 'search/query:8.15', 0.18, 220)],
  },
  {
    kind: 'DaemonSet',
    namespace: 'kube-system',
    name: 'kube-proxy',
    count: 3,
    containers: [container('kube-proxy', 'registry.k8s.io/kube-proxy:v1.33.1', 0.004, 22)],
  },
  {
    kind: 'Deployment',
    namespace: 'kube-system',
    name: 'coredns',
    count: 2,
    containers: [container('coredns', 'registry.k8s.io/coredns:v1.12', 0.01, 28)],
  },
  {
    kind: 'DaemonSet',
    namespace: 'nunchi',
    name: 'nunchi-agent',
    count: 3,
    containers: [container('agent', 'nunchi:0.1', 0.03, 70)],
  },
  {
    kind: 'Job',
    namespace: 'batch',
    name: 'report-29345160',
    count: 2,
    trouble: 'completed',
    containers: [container('report', 'registry.example.com/report:3', 0.3, 120)],
  },
  {
    kind: 'Pod',
    namespace: 'default',
    name: 'toolbox',
    count: 1,
    containers: [container('shell', 'busybox:1.37', 0.001, 2)],
  },
  {
    kind: 'Deployment',
    namespace: 'batch',
    name: 'trainer',
    count: 1,
    trouble: 'unscheduled',
    containers: [container('trainer', 'registry.example.com/trainer:1', 6, 1024)],
  },
];

const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** As controllers name what they make; the same for the same seed. */
function suffix(seed: number, length: number): string {
  let state = (seed + 1) * 2_654_435_761;
  let text = '';
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += letters[(state >>> 8) % letters.length];
  }
  return text;
}

export const pods: readonly MadePod[] = workloads.flatMap((workload, index) =>
  Array.from({ length: workload.count }, (_, at): MadePod => {
    const { kind, name, namespace, containers, trouble } = workload;
    const seed = index * 100 + at;
    const replicaSet = kind === 'Deployment' ? `${name}-${suffix(index + 7, 9)}` : undefined;
    const podName =
      replicaSet !== undefined
        ? `${replicaSet}-${suffix(seed, 5)}`
        : kind === 'StatefulSet'
          ? `${name}-${at}`
          : kind === 'Pod'
            ? name
            : `${name}-${suffix(seed, 5)}`;
    return {
      namespace,
      name: podName,
      uid: `uid-${namespace}-${podName}`,
      node: trouble === 'unscheduled' ? undefined : (nodes[seed % nodes.length] as string),
      ip: `10.0.${index}.${at + 10}`,
      workload: { kind, name },
      replicaSet,
      containers,
      // One of three is killed for memory; of the others of its deployment nothing is to be seen.
      trouble: trouble === 'oom' && at > 0 ? undefined : trouble,
      ageMs: trouble === 'image' ? 34 * 60_000 : (26 + seed) * 3_600_000,
    };
  }),
);

export const crashing: MadePod = pods.find(({ trouble }) => trouble === 'oom') as MadePod;
export const unpullable: MadePod = pods.find(({ trouble }) => trouble === 'image') as MadePod;
export const webPod: MadePod = pods.find(({ workload }) => workload.name === 'web') as MadePod;

export const nodeCapacity: {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
} = { cpu: 4, memory: 8 * gib, pods: 110 };

/** How long before now the crashing container was killed, the newest last. */
export const killsBeforeMs: readonly number[] = [51, 44, 36, 26, 14, 3].map((m) => m * 60_000);

/** 64 hex digits, as container runtimes have it; another one for each run. */
export function containerId(pod: MadePod, name: string, run: number): string {
  const text = Buffer.from(`${run}/${name}/${pod.name}`).toString('hex');
  return text.repeat(4).slice(0, 64);
}

export const runsOf = (pod: MadePod): number =>
  pod.trouble === 'oom' ? killsBeforeMs.length + 1 : 1;
