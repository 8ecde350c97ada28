import type { HorizontalPodAutoscaler as AutoscalerV1 } from 'kubernetes-types/autoscaling/v1.d.ts';
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
} from 'kubernetes-types/autoscaling/v2.d.ts';
import { quantityNumber, quantityThousandths } from '#kubernetes/cluster';
import type { Emit, Family, Resource } from '../contract.ts';
import {
  conditions,
  created,
  deletionTimestamp,
  gauge,
  generation,
  labelFamilies,
  namespaceAndName,
} from './common.ts';

/** `autoscaling/v2`; v2beta2 has the same shape. v1 has only the CPU, in fields of its own. */
type Autoscaler = HorizontalPodAutoscaler;

const asV1 = (autoscaler: Autoscaler): AutoscalerV1 => autoscaler as unknown as AutoscalerV1;

interface Target {
  readonly value?: string;
  readonly averageValue?: string;
  readonly averageUtilization?: number;
}

interface Named {
  readonly name: string;
  readonly container: string;
  readonly target: Target | undefined;
}

/** What a metric is called and what it should be, or is. */
function named(metric: MetricSpec | MetricStatus): Named | undefined {
  const { object, pods, resource, containerResource, external } = metric as MetricSpec;
  const targetOf = (source: unknown): Target | undefined => {
    const { target, current } = source as { target?: Target; current?: Target };
    return target ?? current;
  };
  switch (metric.type) {
    case 'Object':
      return object && { name: object.metric.name, container: '', target: targetOf(object) };
    case 'Pods':
      return pods && { name: pods.metric.name, container: '', target: targetOf(pods) };
    case 'Resource':
      return resource && { name: resource.name, container: '', target: targetOf(resource) };
    case 'ContainerResource':
      return (
        containerResource && {
          name: containerResource.name,
          container: containerResource.container,
          target: targetOf(containerResource),
        }
      );
    case 'External':
      return external && { name: external.metric.name, container: '', target: targetOf(external) };
    default:
      return undefined;
  }
}

function emitMetrics(metrics: readonly (MetricSpec | MetricStatus)[] | undefined, add: Emit): void {
  for (const metric of metrics ?? []) {
    const found = named(metric);
    if (found?.target === undefined) continue;
    const { name, container, target } = found;
    const row = (kind: string, value: number): void =>
      add(value, ['metric_name', name, 'metric_target_type', kind, 'container', container]);
    if (target.value !== undefined) row('value', quantityThousandths(target.value));
    if (target.averageUtilization !== undefined) row('utilization', target.averageUtilization);
    if (target.averageValue !== undefined) row('average', quantityThousandths(target.averageValue));
  }
}

const cpuOfV1 = (percent: number | undefined, add: Emit): void => {
  if (percent !== undefined)
    add(percent, ['metric_name', 'cpu', 'metric_target_type', 'utilization', 'container', '']);
};

const tolerance = (which: 'scaleUp' | 'scaleDown', name: string): Family<Autoscaler> =>
  gauge(
    `kube_horizontalpodautoscaler_spec_behavior_${name}_tolerance`,
    'How far a metric may be off before pods are added or taken away.',
    ({ spec }) => {
      const text = (spec?.behavior?.[which] as { tolerance?: string } | undefined)?.tolerance;
      return text === undefined ? undefined : quantityNumber(text);
    },
  );

export const horizontalPodAutoscalers: Resource<Autoscaler> = {
  name: 'horizontalpodautoscalers',
  identity: ['namespace', 'horizontalpodautoscaler'],
  identify: namespaceAndName,
  families: (allowed) => {
    const labels = labelFamilies<Autoscaler>('kube_horizontalpodautoscaler', allowed);
    return [
      {
        name: 'kube_horizontalpodautoscaler_info',
        help: 'What the autoscaler scales.',
        emit: ({ spec }, add) => {
          const { apiVersion, kind = '', name = '' } = spec?.scaleTargetRef ?? {};
          const version =
            apiVersion === undefined || apiVersion === ''
              ? []
              : ['scaletargetref_api_version', apiVersion];
          add(1, [...version, 'scaletargetref_kind', kind, 'scaletargetref_name', name]);
        },
      },
      generation('kube_horizontalpodautoscaler'),
      gauge(
        'kube_horizontalpodautoscaler_spec_max_replicas',
        'Most pods that the autoscaler asks for.',
        ({ spec }) => spec?.maxReplicas ?? 0,
      ),
      gauge(
        'kube_horizontalpodautoscaler_spec_min_replicas',
        'Fewest pods that the autoscaler asks for.',
        ({ spec }) => spec?.minReplicas ?? 1,
      ),
      {
        name: 'kube_horizontalpodautoscaler_spec_target_metric',
        help: 'What the metrics should be.',
        emit: (autoscaler, add) => {
          emitMetrics(autoscaler.spec?.metrics, add);
          cpuOfV1(asV1(autoscaler).spec?.targetCPUUtilizationPercentage, add);
        },
      },
      tolerance('scaleDown', 'scale_down'),
      tolerance('scaleUp', 'scale_up'),
      {
        name: 'kube_horizontalpodautoscaler_status_target_metric',
        help: 'What the metrics are.',
        emit: (autoscaler, add) => {
          emitMetrics(autoscaler.status?.currentMetrics, add);
          cpuOfV1(asV1(autoscaler).status?.currentCPUUtilizationPercentage, add);
        },
      },
      gauge(
        'kube_horizontalpodautoscaler_status_current_replicas',
        'Pods that are there.',
        ({ status }) => status?.currentReplicas ?? 0,
      ),
      gauge(
        'kube_horizontalpodautoscaler_status_desired_replicas',
        'Pods that the autoscaler asks for.',
        ({ status }) => status?.desiredReplicas ?? 0,
      ),
      ...labels,
      // The name before kube-state-metrics 2: dashboards still count autoscalers by it.
      ...labels
        .filter(({ name }) => name.endsWith('_labels'))
        .map((family) => ({ ...family, name: 'kube_hpa_labels' })),
      conditions(
        'kube_horizontalpodautoscaler_status_condition',
        'Conditions of the autoscaler: one row of each is 1.',
        ({ status }) => status?.conditions,
      ),
      created('kube_horizontalpodautoscaler'),
      deletionTimestamp('kube_horizontalpodautoscaler'),
    ];
  },
};
