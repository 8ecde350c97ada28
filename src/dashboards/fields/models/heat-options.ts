import { choiceAt, flagAt, maybeNumberAt, numberAt, objectAt, textAt } from '../read.ts';

export interface HeatOptions {
  readonly calculates: boolean;
  readonly xBuckets: BucketOptions;
  readonly yBuckets: BucketOptions;
  readonly color: {
    readonly mode: 'scheme' | 'opacity';
    readonly scheme: string;
    readonly steps: number;
    readonly isReversed: boolean;
    readonly isExponential: boolean;
    readonly exponent: number;
    readonly fill: string;
    readonly min: number | undefined;
    readonly max: number | undefined;
  };
  readonly cellGapPx: number;
  readonly cellRadiusPx: number;
  /** Values up to this are no cell. */
  readonly hideUpTo: number;
  readonly hideFrom: number;
  readonly layout: 'auto' | 'le' | 'ge' | 'unknown';
  readonly unit: string | undefined;
  readonly decimals: number | undefined;
  readonly cellUnit: string | undefined;
  readonly isYReversed: boolean;
  readonly hasYAxis: boolean;
  readonly axisLabel: string;
  readonly hasLegend: boolean;
  readonly hasTooltip: boolean;
  readonly hasHistogram: boolean;
}

export interface BucketOptions {
  readonly mode: 'count' | 'size';
  /** A count, a size or a duration such as `1m`. */
  readonly value: string;
  readonly isLog: boolean;
  readonly logBase: number;
}

export function heatOptions(options: Readonly<Record<string, unknown>>): HeatOptions {
  const color = objectAt(options, 'color');
  const yAxis = objectAt(options, 'yAxis');
  const filter = objectAt(options, 'filterValues');
  const calculation = objectAt(options, 'calculation');
  const tooltip = objectAt(options, 'tooltip');
  return {
    calculates: flagAt(options, 'calculate', false),
    xBuckets: bucketOptions(objectAt(calculation, 'xBuckets')),
    yBuckets: bucketOptions(objectAt(calculation, 'yBuckets')),
    color: {
      mode: choiceAt(color, 'mode', ['scheme', 'opacity'], 'scheme'),
      scheme: textAt(color, 'scheme', 'Oranges'),
      steps: Math.min(128, Math.max(2, numberAt(color, 'steps', 64))),
      isReversed: flagAt(color, 'reverse', false),
      isExponential:
        choiceAt(color, 'scale', ['exponential', 'linear'], 'exponential') === 'exponential',
      exponent: numberAt(color, 'exponent', 0.5),
      fill: textAt(color, 'fill', 'dark-orange'),
      min: maybeNumberAt(color, 'min'),
      max: maybeNumberAt(color, 'max'),
    },
    cellGapPx: numberAt(options, 'cellGap', 1),
    cellRadiusPx: numberAt(options, 'cellRadius', 0),
    hideUpTo: numberAt(filter, 'le', 1e-9),
    hideFrom: numberAt(filter, 'ge', Number.POSITIVE_INFINITY),
    layout: choiceAt(
      objectAt(options, 'rowsFrame'),
      'layout',
      ['auto', 'le', 'ge', 'unknown'],
      'auto',
    ),
    unit: textAt(yAxis, 'unit', '') || undefined,
    decimals: maybeNumberAt(yAxis, 'decimals'),
    cellUnit: textAt(objectAt(options, 'cellValues'), 'unit', '') || undefined,
    isYReversed: flagAt(yAxis, 'reverse', false),
    hasYAxis: textAt(yAxis, 'axisPlacement', 'left') !== 'hidden',
    axisLabel: textAt(yAxis, 'axisLabel', ''),
    hasLegend: flagAt(objectAt(options, 'legend'), 'show', true),
    hasTooltip:
      flagAt(tooltip, 'show', true) &&
      choiceAt(tooltip, 'mode', ['single', 'multi', 'none'], 'single') !== 'none',
    hasHistogram: flagAt(tooltip, 'yHistogram', false),
  };
}

export function bucketOptions(buckets: Readonly<Record<string, unknown>>): BucketOptions {
  const scale = objectAt(buckets, 'scale');
  const value = buckets['value'];
  return {
    mode: choiceAt(buckets, 'mode', ['count', 'size'], 'size'),
    value: typeof value === 'number' || typeof value === 'string' ? String(value) : '',
    isLog: scale['type'] === 'log',
    logBase: numberAt(scale, 'log', 2),
  };
}
