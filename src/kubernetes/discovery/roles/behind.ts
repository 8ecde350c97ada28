import type { ObjectReference, Pod } from 'kubernetes-types/core/v1.d.ts';
import { hostPort, type LabelSet } from '../labels.ts';
import type { Neighbours } from './contract.ts';
import { addContainer, addPod, addPort, containersOf } from './pod.ts';

/** Pods behind endpoints, and which of their ports the endpoints name. */
export class PodsBehind {
  readonly #neighbours: Neighbours;
  readonly #seen = new Map<Pod, Set<number>>();

  constructor(neighbours: Neighbours) {
    this.#neighbours = neighbours;
  }

  /** Adds the labels of the pod that an address stands for, if it does. */
  add(
    to: LabelSet,
    reference: ObjectReference | undefined,
    port: { readonly number: number | undefined; readonly protocol?: string | undefined },
  ): void {
    if (reference?.kind !== 'Pod') return;
    const pod = this.#neighbours.pods?.get(reference.namespace, reference.name ?? '');
    if (pod === undefined) return;
    const ports = this.#seen.get(pod) ?? new Set();
    this.#seen.set(pod, ports);
    addPod(to, pod, this.#neighbours);
    if (port.number === undefined) return;
    ports.add(port.number);
    for (const { container, isInit } of containersOf(pod)) {
      const found = container.ports?.find(({ containerPort }) => containerPort === port.number);
      if (found === undefined) continue;
      addContainer(to, container, isInit);
      addPort(to, found, port.protocol ?? found.protocol);
    }
  }

  /** Targets for the ports of these pods that no endpoint names. */
  *rest(): Iterable<LabelSet> {
    for (const [pod, ports] of this.#seen) {
      const address = pod.status?.podIP ?? '';
      if (address === '') continue;
      for (const { container, isInit } of containersOf(pod)) {
        for (const port of container.ports ?? []) {
          if (ports.has(port.containerPort)) continue;
          const target: LabelSet = { __address__: hostPort(address, port.containerPort) };
          addContainer(target, container, isInit);
          addPort(target, port, port.protocol);
          addPod(target, pod, this.#neighbours);
          yield target;
        }
      }
    }
  }
}
