import type { Node } from 'kubernetes-types/core/v1.d.ts';
import { timeMsOf } from '#kubernetes/cluster';
import type { Severity, Trouble } from '../contract.ts';

const pressures: Readonly<Record<string, Severity>> = {
  MemoryPressure: 'high',
  DiskPressure: 'high',
  PIDPressure: 'high',
  NetworkUnavailable: 'high',
};

/** Taints of autoscalers on nodes that they take away. */
const leaving = new Set(['ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted']);

/** Drained and about to be removed: that it goes silent on its way is how it goes. */
const isLeaving = ({ metadata, spec }: Node): boolean =>
  metadata?.deletionTimestamp !== undefined ||
  spec?.taints?.some(({ key }) => leaving.has(key)) === true;

/** A node that is not ready or does not answer any more, and what it is short of. */
export function findNodeTroubles(node: Node, nowMs: number): readonly Trouble[] {
  const name = node.metadata?.name ?? '';
  if (isLeaving(node)) return [];
  const subject = { kind: 'Node', namespace: '', name };
  const common = { subject, owner: subject, node: name, labels: node.metadata?.labels };
  return (node.status?.conditions ?? []).flatMap((condition): Trouble[] => {
    const { type, status, reason = '', message = '' } = condition;
    const sinceMs = timeMsOf(condition.lastTransitionTime) ?? nowMs;
    // `Unknown`: the kubelet says nothing any more, which is how most nodes fail.
    if (type === 'Ready' && status !== 'True') {
      const text = [reason, message].filter((part) => part !== '').join(': ');
      return [{ ...common, reason: 'NodeNotReady', severity: 'critical', message: text, sinceMs }];
    }
    const severity = pressures[type];
    if (severity === undefined || status !== 'True') return [];
    return [{ ...common, reason: type, severity, message, sinceMs }];
  });
}
