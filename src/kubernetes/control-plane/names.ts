/**
 * The logs of a control plane by the names that EKS gives them. Source: Amazon EKS User Guide, "Send
 * control plane logs to CloudWatch Logs". Imports nothing: agents load it too.
 */

/** What can be switched on and off, in the order in which EKS lists them. */
export const controlPlaneLogTypes = [
  'api',
  'audit',
  'authenticator',
  'controllerManager',
  'scheduler',
] as const;
export type ControlPlaneLogType = (typeof controlPlaneLogTypes)[number];

export const isControlPlaneLogType = (text: string): text is ControlPlaneLogType =>
  (controlPlaneLogTypes as readonly string[]).includes(text);

/** Programs that write them, and the beginning of their streams' names. */
export type ControlPlaneComponent =
  | 'kube-apiserver'
  | 'kube-apiserver-audit'
  | 'authenticator'
  | 'kube-controller-manager'
  | 'cloud-controller-manager'
  | 'kube-scheduler';

/** The longer names stand first: `kube-apiserver-audit-…` begins like `kube-apiserver-…` too. */
const typeByComponent: Readonly<Record<ControlPlaneComponent, ControlPlaneLogType>> = {
  'kube-apiserver-audit': 'audit',
  'kube-apiserver': 'api',
  authenticator: 'authenticator',
  'kube-controller-manager': 'controllerManager',
  'cloud-controller-manager': 'controllerManager',
  'kube-scheduler': 'scheduler',
};

const components = Object.keys(typeByComponent) as readonly ControlPlaneComponent[];

export const typeOfComponent = (component: ControlPlaneComponent): ControlPlaneLogType =>
  typeByComponent[component];

/** The log type that a stream of the group holds; undefined for a stream that is none of EKS's. */
export function typeOfStream(stream: string): ControlPlaneLogType | undefined {
  const component = components.find((name) => stream.startsWith(`${name}-`));
  return component === undefined ? undefined : typeByComponent[component];
}

/** The log group of a cluster's control plane. */
export const controlPlaneGroup = (cluster: string): string => `/aws/eks/${cluster}/cluster`;

/** @param instance 32 lower-case hex digits that stay the same for one source of lines */
export const controlPlaneStream = (component: ControlPlaneComponent, instance: string): string =>
  `${component}-${instance}`;

/** Names as EKS allows them, and dots: clusters elsewhere are named like hosts. */
export const clusterNamePattern: RegExp = /^[0-9A-Za-z][A-Za-z0-9._-]{0,99}$/;
