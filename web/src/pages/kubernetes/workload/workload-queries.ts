import type { useMessages } from '../../../i18n/messages.ts';
import type { ChartSpec } from '../subject/chart-spec.ts';
import { literal, matchersOf, quoted } from '../subject/promql.ts';
import type { kubernetesWords } from '../words.ts';

type Words = ReturnType<typeof useMessages<typeof kubernetesWords.en>>;

const hash = '[bcdfghjklmnpqrstvwxz2456789]+';

/** Controllers name pods after themselves: a matcher for those of one, of the past too. */
export function podPatternOf(kind: string, name: string): string {
  const own = literal(name);
  const rest: Readonly<Record<string, string>> = {
    Deployment: `-${hash}-${hash}`,
    StatefulSet: '-[0-9]+',
    CronJob: `-[0-9]+-${hash}`,
  };
  return `pod=~${quoted(`${own}${rest[kind] ?? `-${hash}`}`)}`;
}

/** Wanted and ready replicas; undefined: of such a kind nobody counts them. */
export function replicaChart(
  of: { readonly namespace: string; readonly kind: string; readonly name: string },
  m: Words,
): ChartSpec | undefined {
  const { namespace, kind, name } = of;
  const series: Readonly<Record<string, readonly [wanted: string, ready: string]>> = {
    Deployment: ['kube_deployment_spec_replicas', 'kube_deployment_status_replicas_ready'],
    StatefulSet: ['kube_statefulset_replicas', 'kube_statefulset_status_replicas_ready'],
    DaemonSet: [
      'kube_daemonset_status_desired_number_scheduled',
      'kube_daemonset_status_number_ready',
    ],
    ReplicaSet: ['kube_replicaset_spec_replicas', 'kube_replicaset_status_ready_replicas'],
  };
  const [wanted, ready] = series[kind] ?? [];
  if (wanted === undefined || ready === undefined) return undefined;
  const matchers = matchersOf({ namespace, [kind.toLowerCase()]: name });
  return {
    id: 'replicas',
    title: m.replicas,
    unit: 'count',
    height: 84,
    isOptional: true,
    lines: [
      { expr: `max(${ready}{${matchers}})`, name: m.ready, colorToken: '--series-3' },
      {
        expr: `max(${wanted}{${matchers}})`,
        name: m.wanted,
        colorToken: '--text-3',
        isBound: true,
      },
    ],
  };
}
