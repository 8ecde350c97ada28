/** Lines as an EKS control plane writes them, for one minute that ends now. */
export const eksGroup = '/aws/eks/myeks/cluster';

export interface EksStream {
  readonly name: string;
  readonly messages: readonly string[];
}

const audit = (userAgent: string, verb: string, code: number): string =>
  JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/default/pods?limit=500',
    verb,
    user: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
    userAgent,
    responseStatus: { metadata: {}, code },
  });

const kubectl = 'kubectl/v1.29.2 (linux/amd64) kubernetes/4b8e819';
const kubelet = 'kubelet/v1.29.0 (linux/amd64) kubernetes/3034fd4';

export const eksStreams: readonly EksStream[] = [
  {
    name: 'kube-apiserver-audit-0123456789abcdef0123456789abcdef',
    messages: [
      audit(kubelet, 'get', 200),
      audit(kubectl, 'list', 200),
      audit(kubelet, 'patch', 200),
      audit(kubectl, 'create', 403),
      audit(kubelet, 'get', 200),
    ],
  },
  {
    name: 'kube-apiserver-0123456789abcdef0123456789abcdef',
    messages: ['I0326 03:41:53.397739       9 trace.go:236] Trace[1]: "List" (total time: 501ms)'],
  },
  {
    name: 'kube-controller-manager-0123456789abcdef0123456789abcdef',
    messages: [
      'I0326 03:41:53.397739       9 replica_set.go:621] "Too many replicas" replicaSet="kube-system/coredns-5d4" need=1 deleting=1',
      'W0326 03:41:54.000001       9 reflector.go:539] watch ended with error: 한글 오류',
    ],
  },
];
