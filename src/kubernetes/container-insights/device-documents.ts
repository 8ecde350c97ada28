import type { NodeView, PodView } from './cluster-view.ts';
import type { DeviceMeasure, Document, EventType, PerformanceEvent } from './contract.ts';
import type { Values } from './formulas.ts';
import { kubernetesOf, podFieldsOf } from './pod-fields.ts';

export type Make = (type: EventType, fields: Document, values: Values) => PerformanceEvent;

const sources: readonly string[] = ['exporter', 'pod', 'calculated'];

/** The devices of a node: one event for each, and two more where it is given to a container. */
export function* deviceEvents(
  { name, pods }: NodeView,
  devices: readonly DeviceMeasure[],
  make: Make,
): Generator<PerformanceEvent> {
  const views = new Map<string, PodView>();
  if (devices.some(({ user }) => user !== undefined)) {
    for (const view of pods) views.set(`${view.namespace}/${view.fullName}`, view);
  }
  // Containers may share a device; a node has it once.
  const told = new Set<string>();
  for (const { family, fields, user, values } of devices) {
    const key = JSON.stringify([family, fields]);
    const more = { ...fields, Sources: sources };
    if (!told.has(key)) {
      yield make(
        `Node${family}`,
        { ...more, kubernetes: { host: name } },
        prefixed('node', values),
      );
    }
    told.add(key);
    const [namespace, pod, container] = user?.split('/') ?? [];
    const view = views.get(`${namespace}/${pod}`);
    if (view === undefined) continue;
    const kubernetes = kubernetesOf(view, name);
    const ofPod = { ...podFieldsOf(view), ...more };
    yield make(`Pod${family}`, { ...ofPod, kubernetes }, prefixed('pod', values));
    if (!container) continue;
    yield make(
      `Container${family}`,
      {
        ...ofPod,
        ContainerName: container,
        kubernetes: { ...kubernetes, container_name: container },
      },
      prefixed('container', values),
    );
  }
}

const prefixed = (prefix: string, values: ReadonlyMap<string, number>): Values =>
  Object.fromEntries([...values].map(([name, value]) => [`${prefix}_${name}`, value]));
