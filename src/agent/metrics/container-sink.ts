import type { LabelPairs, MetricSink } from '#host';
import type { KubeletView } from '../kubelet/run.ts';

/** Labels that say which cgroup a series is of. */
const cgroupNames: ReadonlySet<string> = new Set([
  'id',
  'container',
  'image',
  'name',
  'namespace',
  'pod',
]);

/**
 * Where series of cgroups go beside a kubelet that tells of the same cgroups: those that it has are left
 * to it, the others are called as it calls them. While it does not answer all of them are passed on, so
 * that its series go on.
 */
export function besideKubelet(sink: MetricSink, kubelet: KubeletView): MetricSink {
  const put =
    (kind: keyof MetricSink) =>
    (name: string, help: string, value: number, own: LabelPairs = []): void => {
      const known = own[0] === 'id' ? kubelet.labelsOf(own[1]!) : undefined;
      if (kubelet.isAnswering && isTold(name, { own, known }, kubelet)) return;
      const labels = known === undefined ? own : labelsBeside(own, known);
      if (kubelet.isWanted(['__name__', name, ...labels])) sink[kind](name, help, value, labels);
    };
  return { gauge: put('gauge'), counter: put('counter'), untyped: put('untyped') };
}

function isTold(
  name: string,
  { own, known }: { readonly own: LabelPairs; readonly known: LabelPairs | undefined },
  kubelet: KubeletView,
): boolean {
  if (own[0] !== 'id') return kubelet.tells(name);
  if (!own.includes('pod')) return known !== undefined;
  // One that is not known to a kubelet that knows containers is new: it comes with the next body.
  if (known === undefined) return kubelet.knowsContainers;
  return kubelet.tells(name);
}

function labelsBeside(own: LabelPairs, known: LabelPairs): LabelPairs {
  const labels = [...known];
  for (let at = 0; at + 1 < own.length; at += 2) {
    if (!cgroupNames.has(own[at]!)) labels.push(own[at]!, own[at + 1]!);
  }
  return labels;
}
