import { Random } from './random.ts';

export interface DemoPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly container: string;
  /** 64 hex digits. */
  readonly containerId: string;
  readonly node: string;
  readonly ip: string;
  readonly app: AppKind;
}

export type AppKind =
  | 'nginx'
  | 'checkout'
  | 'payment'
  | 'inventory'
  | 'notify'
  | 'search'
  | 'coredns'
  | 'aws-node'
  | 'batch';

/** The demo's cluster: fixed by its seed. */
export interface DemoCluster {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly nodes: readonly string[];
  readonly pods: readonly DemoPod[];
  /** Stream names of the control plane, one instance each. */
  readonly streams: Readonly<
    Record<'api' | 'audit' | 'authenticator' | 'controllerManager' | 'scheduler', string>
  >;
}

const deployments: readonly (readonly [namespace: string, app: AppKind, replicas: number])[] = [
  ['ingress', 'nginx', 3],
  ['shop', 'checkout', 3],
  ['shop', 'payment', 2],
  ['shop', 'inventory', 2],
  ['shop', 'notify', 2],
  ['shop', 'search', 2],
  ['shop', 'batch', 1],
  ['kube-system', 'coredns', 2],
  ['kube-system', 'aws-node', 3],
];

export function planCluster(name: string, seed: string): DemoCluster {
  const random = new Random(`${seed}/cluster`);
  const region = 'ap-northeast-2';
  const nodes = [1, 2, 3].map(
    (zone) => `ip-10-0-${zone}-${random.int(10, 250)}.${region}.compute.internal`,
  );
  const pods: DemoPod[] = [];
  for (const [namespace, app, replicas] of deployments) {
    const isDaemon = app === 'aws-node';
    const hash = random.suffix(10);
    for (let i = 0; i < replicas; i++) {
      const index = pods.length;
      pods.push({
        namespace,
        app,
        name: isDaemon ? `${app}-${random.suffix(5)}` : `${app}-${hash}-${random.suffix(5)}`,
        uid: random.uuid(),
        container: app,
        containerId: random.hex(64),
        node: nodes[isDaemon ? i : index % nodes.length]!,
        ip: `10.0.${1 + (index % 3)}.${random.int(20, 240)}`,
      });
    }
  }
  return {
    name,
    region,
    account: '123456789012',
    nodes,
    pods,
    streams: {
      api: `kube-apiserver-${random.hex(32)}`,
      audit: `kube-apiserver-audit-${random.hex(32)}`,
      authenticator: `authenticator-${random.hex(32)}`,
      controllerManager: `kube-controller-manager-${random.hex(32)}`,
      scheduler: `kube-scheduler-${random.hex(32)}`,
    },
  };
}

/** Group of the control plane's five streams, as EKS names it. */
export const controlPlaneGroup = (clusterName: string): string => `/aws/eks/${clusterName}/cluster`;
