import type { Container, ContainerPort, ContainerStatus, Pod } from 'kubernetes-types/core/v1.d.ts';
import type { OwnerReference } from 'kubernetes-types/meta/v1.d.ts';
import type { KubernetesObject } from '#kubernetes/client';
import { addObject, hostPort, type LabelSet, namespaceLabel, set } from '../labels.ts';
import { addNamespace, addNode, type Build, type Neighbours } from './contract.ts';

/** A port of a container, or a container without any. */
export const buildPod: Build<Pod> = (pod, neighbours) => {
  const address = pod.status?.podIP ?? '';
  // It is starting, or has been evicted.
  if (address === '') return undefined;
  const nodeName = pod.spec?.nodeName;
  const { nodes } = neighbours;
  // A selector may leave nodes out, and their pods with them.
  if (nodes !== undefined && nodes.get(undefined, nodeName ?? '') === undefined) return undefined;
  const labels: LabelSet = { [namespaceLabel]: pod.metadata?.namespace ?? '' };
  addPod(labels, pod, neighbours);
  addNode(labels, neighbours, nodeName);
  addNamespace(labels, neighbours, pod.metadata?.namespace);
  const targets: LabelSet[] = [];
  for (const { container, isInit } of containersOf(pod)) {
    const ports = container.ports ?? [];
    const id = containerId(pod, container.name, isInit);
    if (ports.length === 0) {
      // Which port to ask is for the configuration to say.
      const target: LabelSet = { __address__: address };
      addContainer(target, container, isInit);
      set(target, 'pod_container_id', id);
      targets.push(target);
    }
    for (const port of ports) {
      const target: LabelSet = { __address__: hostPort(address, port.containerPort) };
      addContainer(target, container, isInit);
      set(target, 'pod_container_id', id);
      addPort(target, port, port.protocol);
      targets.push(target);
    }
  }
  return { targets, labels };
};

export function* containersOf(
  pod: Pod,
): Iterable<{ readonly container: Container; readonly isInit: boolean }> {
  for (const container of pod.spec?.containers ?? []) yield { container, isInit: false };
  for (const container of pod.spec?.initContainers ?? []) yield { container, isInit: true };
}

export function addContainer(to: LabelSet, { name, image }: Container, isInit: boolean): void {
  set(to, 'pod_container_name', name);
  set(to, 'pod_container_image', image);
  set(to, 'pod_container_init', isInit);
}

export function addPort(to: LabelSet, port: ContainerPort, protocol: string | undefined): void {
  set(to, 'pod_container_port_name', port.name);
  set(to, 'pod_container_port_number', port.containerPort);
  set(to, 'pod_container_port_protocol', protocol);
}

/** What is said of a pod as a whole. Its namespace is left to the group. */
export function addPod(to: LabelSet, pod: Pod, neighbours: Neighbours): void {
  const { metadata, spec, status } = pod;
  set(to, 'pod_ip', status?.podIP);
  set(to, 'pod_ready', readiness(pod));
  set(to, 'pod_phase', status?.phase);
  set(to, 'pod_node_name', spec?.nodeName);
  set(to, 'pod_host_ip', status?.hostIP);
  set(to, 'pod_uid', metadata?.uid);
  addObject(to, 'pod', metadata);
  const controller = controllerOf(pod);
  if (controller === undefined) return;
  set(to, 'pod_controller_kind', controller.kind);
  set(to, 'pod_controller_name', controller.name);
  addWorkload(to, pod, controller, neighbours);
}

function addWorkload(
  to: LabelSet,
  { metadata }: Pod,
  { kind, name }: OwnerReference,
  { replicaSets, jobs, attach }: Neighbours,
): void {
  if (kind === 'ReplicaSet' && attach.deployment) {
    const owner = controllerOf(replicaSets?.get(metadata?.namespace, name));
    if (owner?.kind === 'Deployment') set(to, 'pod_deployment_name', owner.name);
  }
  if (kind !== 'Job') return;
  if (attach.job) set(to, 'pod_job_name', name);
  if (!attach.cronjob) return;
  const owner = controllerOf(jobs?.get(metadata?.namespace, name));
  if (owner?.kind === 'CronJob') set(to, 'pod_cronjob_name', owner.name);
}

/** The owner that says of itself that it is the controller: others do not count. */
export function controllerOf(object: KubernetesObject | undefined): OwnerReference | undefined {
  return object?.metadata?.ownerReferences?.find(({ controller }) => controller === true);
}

function readiness({ status }: Pod): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return (condition?.status ?? 'unknown').toLowerCase();
}

function containerId({ status }: Pod, name: string, isInit: boolean): string | undefined {
  const statuses: readonly ContainerStatus[] | undefined = isInit
    ? status?.initContainerStatuses
    : status?.containerStatuses;
  return statuses?.find((one) => one.name === name)?.containerID;
}
