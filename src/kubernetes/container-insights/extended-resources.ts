import type { Container, Node, Pod } from 'kubernetes-types/core/v1.d.ts';
import { quantityUnits } from '#kubernetes/cluster';
import { amountOf } from './cluster-view.ts';
import { percent, type Values } from './formulas.ts';

/** Devices that are counted as resources, by the names that metrics have for them. */
const resources = [
  ['gpu', 'nvidia.com/gpu'],
  ['neuroncore', 'aws.amazon.com/neuroncore'],
  ['efa', 'vpc.amazonaws.com/efa'],
] as const;

export const extendedNames: readonly string[] = resources.map(([name]) => name);

type Kind = 'requests' | 'limits';

const amountIn = (of: Readonly<Record<string, unknown>> | undefined, resource: string): number =>
  amountOf(of?.[resource], quantityUnits);

const sumOf = ({ spec }: Pod, kind: Kind, resource: string): number =>
  (spec?.containers ?? []).reduce(
    (sum, { resources: own }: Container) => sum + amountIn(own?.[kind], resource),
    0,
  );

const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running';

/** Devices of a pod; none where it asks for none. @param node where it is, for the part of it */
export function podExtendedValues(pod: Pod, node: Node): Values {
  const values: Values = {};
  for (const [name, resource] of resources) {
    const limit = sumOf(pod, 'limits', resource);
    if (limit === 0) continue;
    values[`pod_${name}_request`] = sumOf(pod, 'requests', resource);
    values[`pod_${name}_limit`] = limit;
    values[`pod_${name}_usage_total`] = isRunning(pod) ? limit : 0;
    const capacity = amountIn(node.status?.capacity, resource);
    values[`pod_${name}_reserved_capacity`] = percent(limit, capacity);
  }
  return values;
}

/** Devices of a node; none where it has none. @param pods those on it that have not ended */
export function nodeExtendedValues(node: Node, pods: readonly Pod[]): Values {
  const values: Values = {};
  for (const [name, resource] of resources) {
    const capacity = amountIn(node.status?.capacity, resource);
    if (capacity === 0) continue;
    let requested = 0;
    let used = 0;
    for (const pod of pods) {
      requested += sumOf(pod, 'requests', resource);
      if (isRunning(pod)) used += sumOf(pod, 'limits', resource);
    }
    values[`node_${name}_limit`] = capacity;
    values[`node_${name}_request`] = requested;
    values[`node_${name}_usage_total`] = used;
    values[`node_${name}_reserved_capacity`] = percent(requested, capacity);
    values[`node_${name}_unreserved_capacity`] = percent(capacity - requested, capacity);
    values[`node_${name}_available_capacity`] = percent(capacity - used, capacity);
  }
  return values;
}
