import type { OtlpConfig } from '#metrics/config';
import { formatBoundary } from '#metrics/exposition';
import {
  compareText,
  type FloatHistogram,
  type Labels,
  labelsKey,
  labelsOfMap,
  type MetricMetadata,
  metricNameLabel,
  staleValue,
} from '#metrics/model';
import {
  type OtlpAttributes,
  type OtlpHistogramPoint,
  type OtlpMetric,
  type OtlpNumberPoint,
  type OtlpResourceMetrics,
  type OtlpScopeMetrics,
  otlpValueToPlain,
} from '#wire';
import {
  addExponential,
  addHistograms,
  addNumbers,
  type DeltaAccumulator,
  type DeltaPoint,
} from './delta.ts';
import { customHistogramOf, nativeHistogramOf } from './exponential.ts';
import { labelNameOf, metricNameOf } from './names.ts';

/** Takes samples, in any order of series. */
export interface TranslatedSink {
  sample(labels: Labels, timeMs: number, value: number, startMs: number): void;
  histogram(labels: Labels, timeMs: number, histogram: FloatHistogram, startMs: number): void;
  metadata(metric: string, metadata: MetricMetadata): void;
  /** Points that have no form here, with the reason. */
  reject(points: number, reason: string): void;
}

/** `refuse`; `accumulate` to totals (`otlp-deltatocumulative`); `keep` as gauges (`otlp-native-delta-ingestion`). */
export type DeltaHandling = 'refuse' | 'accumulate' | 'keep';

export interface TranslationOptions extends OtlpConfig {
  readonly deltas: DeltaHandling;
  readonly accumulator: DeltaAccumulator;
}

type Point = Omit<OtlpNumberPoint, 'value'>;

/** Bit 0 of a point's flags: nothing was recorded, the series ended. */
const noValueFlag = 1;

const identifying = ['service.name', 'service.namespace', 'service.instance.id'];

/**
 * OpenTelemetry metrics to series, as Prometheus' own receiver does: `job` and `instance` from the
 * service, the other resource attributes in `target_info`.
 */
export function translateOtlp(
  resources: readonly OtlpResourceMetrics[],
  config: TranslationOptions,
  into: TranslatedSink,
): void {
  for (const resource of resources) new ResourceTranslation(resource, config, into).run();
}

class ResourceTranslation {
  readonly #resource: OtlpResourceMetrics;
  readonly #config: TranslationOptions;
  readonly #into: TranslatedSink;
  readonly #base: ReadonlyMap<string, string>;
  #newestMs = 0;

  constructor(resource: OtlpResourceMetrics, config: TranslationOptions, into: TranslatedSink) {
    this.#resource = resource;
    this.#config = config;
    this.#into = into;
    this.#base = this.#baseLabels();
  }

  run(): void {
    for (const scope of this.#resource.scopes) {
      const scopeLabels = this.#scopeLabels(scope);
      for (const metric of scope.metrics) this.#metric(metric, scopeLabels);
    }
    this.#targetInfo();
  }

  #baseLabels(): ReadonlyMap<string, string> {
    const { resource } = this.#resource;
    const { promoteAllResourceAttributes, promoteResourceAttributes, ignoreResourceAttributes } =
      this.#config;
    const labels = new Map<string, string>();
    for (const [name, value] of resource) {
      const isPromoted = promoteAllResourceAttributes
        ? !ignoreResourceAttributes.includes(name)
        : promoteResourceAttributes.includes(name);
      if (isPromoted) this.#setLabel(labels, name, textOf(value));
    }
    const service = textOf(resource.get('service.name'));
    const namespace = textOf(resource.get('service.namespace'));
    const instance = textOf(resource.get('service.instance.id'));
    if (service !== '') labels.set('job', namespace === '' ? service : `${namespace}/${service}`);
    if (instance !== '') labels.set('instance', instance);
    return labels;
  }

  #scopeLabels(scope: OtlpScopeMetrics): ReadonlyMap<string, string> {
    if (!this.#config.promoteScopeMetadata) return this.#base;
    const labels = new Map(this.#base);
    if (scope.scopeName !== '') labels.set('otel_scope_name', scope.scopeName);
    if (scope.scopeVersion !== '') labels.set('otel_scope_version', scope.scopeVersion);
    for (const [name, value] of scope.scopeAttributes) {
      this.#setLabel(labels, `otel_scope_${name}`, textOf(value));
    }
    return labels;
  }

  #metric(metric: OtlpMetric, base: ReadonlyMap<string, string>): void {
    const { data } = metric;
    const into = this.#into;
    if (data === undefined) {
      into.reject(1, `metric ${JSON.stringify(metric.name)} has no data of a known kind`);
      return;
    }
    const isDelta = 'temporality' in data && data.temporality === 'delta';
    const isTaken =
      !('temporality' in data) ||
      data.temporality === 'cumulative' ||
      (isDelta && this.#config.deltas !== 'refuse');
    if (!isTaken) {
      into.reject(
        data.points.length,
        `invalid temporality and type combination for metric ${JSON.stringify(metric.name)}`,
      );
      return;
    }
    const isMonotonicSum = data.kind === 'sum' && data.isMonotonic;
    const name = metricNameOf(
      { name: metric.name, unit: metric.unit, isMonotonicSum, isGauge: data.kind === 'gauge' },
      this.#config.translationStrategy,
    );
    const keepsDelta = isDelta && this.#config.deltas === 'keep';
    into.metadata(name, {
      type: keepsDelta
        ? 'unknown'
        : isMonotonicSum
          ? 'counter'
          : data.kind === 'gauge' || data.kind === 'sum'
            ? 'gauge'
            : data.kind === 'summary'
              ? 'summary'
              : 'histogram',
      help: metric.description,
      unit: metric.unit,
    });
    for (const point of data.points) this.#newestMs = Math.max(this.#newestMs, point.timeMs);
    switch (data.kind) {
      case 'gauge':
        for (const point of data.points) {
          this.#sample(this.#labels(name, base, point), point, point.value);
        }
        return;
      case 'sum':
        for (const point of data.points) {
          const labels = this.#labels(name, base, point);
          const total = this.#total(isDelta, 'sum', labels, point, addNumbers);
          if (total !== undefined) this.#sample(labels, total, total.value);
        }
        return;
      case 'histogram':
        for (const point of data.points) {
          const labels = this.#labels(name, base, point);
          const total = this.#total(isDelta, 'histogram', labels, point, addHistograms);
          if (total === undefined) continue;
          if (!this.#config.convertHistogramsToNhcb) this.#classic(name, base, total);
          else this.#native(labels, total, customHistogramOf(total), keepsDelta);
        }
        return;
      case 'exponential':
        for (const point of data.points) {
          const labels = this.#labels(name, base, point);
          const total = this.#total(isDelta, 'exponential', labels, point, addExponential);
          if (total === undefined) continue;
          const histogram = nativeHistogramOf(total);
          if (histogram === undefined)
            into.reject(1, `scale ${point.scale} of ${name} is below -4`);
          else this.#native(labels, total, histogram, keepsDelta);
        }
        return;
      case 'summary':
        for (const point of data.points) {
          for (const { quantile, value } of point.quantiles) {
            const extra = ['quantile', formatBoundary(quantile)] as const;
            this.#sample(this.#labels(name, base, point, extra), point, value);
          }
          this.#sample(this.#labels(`${name}_count`, base, point), point, point.count);
          this.#sample(this.#labels(`${name}_sum`, base, point), point, point.sum);
        }
        return;
      default:
        data satisfies never;
    }
  }

  /** A point as it is stored: a difference is added to its stream. Undefined: it was refused. */
  #total<T extends DeltaPoint>(
    isDelta: boolean,
    kind: string,
    labels: Labels,
    point: T,
    sum: (total: T, point: T) => T,
  ): T | undefined {
    const { deltas, accumulator } = this.#config;
    if (!isDelta || deltas !== 'accumulate') return point;
    // A point without a value says that the stream ended; it adds nothing.
    if ((point.flags & noValueFlag) !== 0) return point;
    const result = accumulator.add(`${kind}\u0000${labelsKey(labels)}`, point, sum);
    if ('total' in result) return result.total;
    this.#into.reject(1, result.problem);
    return undefined;
  }

  #classic(name: string, base: ReadonlyMap<string, string>, point: OtlpHistogramPoint): void {
    let cumulative = 0;
    const bounds = [...point.bounds.map(formatBoundary), '+Inf'];
    for (const [at, bound] of bounds.entries()) {
      cumulative += point.bucketCounts[at] ?? 0;
      const value = bound === '+Inf' ? point.count : cumulative;
      this.#sample(this.#labels(`${name}_bucket`, base, point, ['le', bound]), point, value);
    }
    this.#sample(this.#labels(`${name}_count`, base, point), point, point.count);
    if (!Number.isNaN(point.sum)) {
      this.#sample(this.#labels(`${name}_sum`, base, point), point, point.sum);
    }
  }

  #native(labels: Labels, point: Point, histogram: FloatHistogram, isGauge: boolean): void {
    if ((point.flags & noValueFlag) !== 0) {
      this.#sample(labels, point, 0);
      return;
    }
    const hinted = isGauge ? { ...histogram, counterResetHint: 'gauge' as const } : histogram;
    this.#into.histogram(labels, point.timeMs, hinted, point.startMs);
  }

  #sample(labels: Labels, point: Point, value: number): void {
    const shown = (point.flags & noValueFlag) !== 0 ? staleValue() : value;
    this.#into.sample(labels, point.timeMs, shown, point.startMs);
  }

  #labels(
    name: string,
    base: ReadonlyMap<string, string>,
    { attributes }: { readonly attributes: OtlpAttributes },
    extra?: readonly [string, string],
  ): Labels {
    const labels = this.#joined(attributes);
    // The service and the scope are what they are; of the rest a point's own attribute counts.
    for (const [label, value] of base) {
      const isFixed = label === 'job' || label === 'instance' || label.startsWith('otel_scope_');
      if (isFixed || (labels.get(label) ?? '') === '') labels.set(label, value);
    }
    if (extra !== undefined) labels.set(extra[0], extra[1]);
    labels.set(metricNameLabel, name);
    return labelsOfMap(labels);
  }

  /** Attributes as labels; those that become one label are joined in order of their names. */
  #joined(attributes: OtlpAttributes): Map<string, string> {
    const labels = new Map<string, string>();
    const names = [...attributes.keys()].sort(compareText);
    for (const name of names) this.#setLabel(labels, name, textOf(attributes.get(name)));
    return labels;
  }

  #setLabel(labels: Map<string, string>, attribute: string, value: string): void {
    const name = labelNameOf(attribute, this.#config);
    const before = labels.get(name);
    labels.set(name, before === undefined || before === '' ? value : `${before};${value}`);
  }

  #targetInfo(): void {
    const { resource } = this.#resource;
    const labels = new Map<string, string>();
    for (const [name, value] of resource) {
      if (identifying.includes(name) && !this.#config.keepIdentifyingResourceAttributes) continue;
      this.#setLabel(labels, name, textOf(value));
    }
    const job = this.#base.get('job');
    const instance = this.#base.get('instance');
    if (
      labels.size === 0 ||
      this.#newestMs === 0 ||
      (job === undefined && instance === undefined)
    ) {
      return;
    }
    if (job !== undefined) labels.set('job', job);
    if (instance !== undefined) labels.set('instance', instance);
    labels.set(metricNameLabel, 'target_info');
    this.#into.sample(labelsOfMap(labels), this.#newestMs, 1, 0);
  }
}

function textOf(value: Parameters<typeof otlpValueToPlain>[0] | undefined): string {
  if (value === undefined || value === null) return '';
  const plain = otlpValueToPlain(value);
  return typeof plain === 'string'
    ? plain
    : typeof plain === 'object'
      ? JSON.stringify(plain)
      : String(plain);
}
