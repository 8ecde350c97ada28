import type { OtlpAttributes } from './otlp.ts';

/** One point of a gauge or sum. Times are Unix ms, 0: not told. */
export interface OtlpNumberPoint {
  readonly attributes: OtlpAttributes;
  readonly startMs: number;
  readonly timeMs: number;
  readonly value: number;
  /** Bit 0: no value was recorded, the series ended. */
  readonly flags: number;
}

export interface OtlpHistogramPoint extends Omit<OtlpNumberPoint, 'value'> {
  readonly count: number;
  /** NaN: not told. */
  readonly sum: number;
  /** One more than there are bounds; not cumulative. */
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
}

export interface OtlpBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

export interface OtlpExponentialPoint extends Omit<OtlpNumberPoint, 'value'> {
  readonly count: number;
  readonly sum: number;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: OtlpBuckets;
  readonly negative: OtlpBuckets;
}

export interface OtlpSummaryPoint extends Omit<OtlpNumberPoint, 'value'> {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

export type OtlpTemporality = 'unspecified' | 'delta' | 'cumulative';

export type OtlpMetricData =
  | { readonly kind: 'gauge'; readonly points: readonly OtlpNumberPoint[] }
  | {
      readonly kind: 'sum';
      readonly points: readonly OtlpNumberPoint[];
      readonly temporality: OtlpTemporality;
      readonly isMonotonic: boolean;
    }
  | {
      readonly kind: 'histogram';
      readonly points: readonly OtlpHistogramPoint[];
      readonly temporality: OtlpTemporality;
    }
  | {
      readonly kind: 'exponential';
      readonly points: readonly OtlpExponentialPoint[];
      readonly temporality: OtlpTemporality;
    }
  | { readonly kind: 'summary'; readonly points: readonly OtlpSummaryPoint[] };

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  /** Undefined: a kind that is not known. */
  readonly data: OtlpMetricData | undefined;
}

export interface OtlpScopeMetrics {
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: OtlpAttributes;
  readonly metrics: readonly OtlpMetric[];
}

export interface OtlpResourceMetrics {
  readonly resource: OtlpAttributes;
  readonly scopes: readonly OtlpScopeMetrics[];
}

export const temporalities: readonly OtlpTemporality[] = ['unspecified', 'delta', 'cumulative'];
