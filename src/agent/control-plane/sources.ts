import type { ControlPlaneComponent, ControlPlaneLogType } from '#kubernetes/control-plane';

/** Globs by log type. */
export type ControlPlanePaths = Readonly<Record<ControlPlaneLogType, readonly string[]>>;

const containers = (...names: string[]): string[] =>
  names.map((name) => `/var/log/containers/${name}-*_kube-system_*.log`);

/** Where kubeadm, kops, k3s and RKE2 have them on the nodes of a control plane. */
export const usualControlPlanePaths: ControlPlanePaths = {
  api: containers('kube-apiserver'),
  audit: [
    '/var/log/kube-apiserver-audit.log',
    '/var/log/kubernetes/audit.log',
    '/var/log/kubernetes/audit/audit.log',
    '/var/log/kubernetes/audit/kube-apiserver-audit.log',
    '/var/log/kubernetes/kube-apiserver-audit.log',
    '/var/lib/rancher/k3s/server/logs/audit.log',
    '/var/lib/rancher/rke2/server/logs/audit.log',
  ],
  authenticator: containers('aws-iam-authenticator'),
  controllerManager: containers('kube-controller-manager', '*cloud-controller-manager'),
  scheduler: containers('kube-scheduler'),
};

const componentByType: Readonly<Record<ControlPlaneLogType, ControlPlaneComponent>> = {
  api: 'kube-apiserver',
  audit: 'kube-apiserver-audit',
  authenticator: 'authenticator',
  controllerManager: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
};

/**
 * The stream of a source: EKS's prefix and 32 hex digits, the same for one component of one node
 * whichever container or file it writes to just now.
 */
export function controlPlaneStreamOf(
  type: ControlPlaneLogType,
  path: string,
  node: { readonly host: string; readonly cluster: string },
): string {
  const isCloud = type === 'controllerManager' && path.includes('cloud-controller-manager');
  const component = isCloud ? 'cloud-controller-manager' : componentByType[type];
  // Only here: it takes 3 MB.
  const instance = process
    .getBuiltinModule('node:crypto')
    .createHash('sha256')
    .update(`${node.cluster}\0${node.host}\0${component}`)
    .digest('hex')
    .slice(0, 32);
  return `${component}-${instance}`;
}
