import {
  buildHistogram,
  type DataFrame,
  formattedValueToString,
  type GrafanaTheme2,
  getFieldDisplayName,
  getFieldSeriesColor,
  getHistogramFields,
  type HistogramFields,
} from '@grafana/data';
import { isExemplars } from '../frames.ts';
import { flagAt, maybeNumberAt, numberAt } from '../read.ts';
import type { BarModel } from './bar-model.ts';

export interface HistogramModel {
  readonly model: BarModel;
  /** Bounds of the ranges in words, one more than there are bars. */
  readonly edges: readonly string[];
}

/** How often values fall into each range; undefined: there are no numbers. */
export function histogramModel(
  given: readonly DataFrame[],
  options: Readonly<Record<string, unknown>>,
  theme: GrafanaTheme2,
): HistogramModel | undefined {
  const frames = given.filter((frame) => !isExemplars(frame));
  const [first] = frames;
  const ready = first === undefined ? undefined : getHistogramFields(first);
  const bucketSize = maybeNumberAt(options, 'bucketSize');
  const histogram =
    ready ??
    buildHistogram(
      frames,
      {
        bucketCount: numberAt(options, 'bucketCount', 30),
        ...(bucketSize === undefined || bucketSize <= 0 ? {} : { bucketSize }),
        bucketOffset: numberAt(options, 'bucketOffset', 0),
        combine: flagAt(options, 'combine', false),
      },
      theme,
    );
  return histogram == null ? undefined : asBars(histogram, frames, theme);
}

function asBars(
  { xMin, xMax, counts }: HistogramFields,
  frames: readonly DataFrame[],
  theme: GrafanaTheme2,
): HistogramModel {
  // The ranges are told in the unit of the values themselves.
  const source = frames[0]?.fields.find((field) => field.type === 'number');
  const text = (value: number): string =>
    source?.display === undefined ? String(value) : formattedValueToString(source.display(value));
  const lasts = xMax.values as number[];
  const edges = [...(xMin.values as number[]), ...lasts.slice(-1)].map(text);
  return {
    edges,
    model: {
      categories: edges.slice(0, -1),
      categoryColors: [],
      series: counts.map((field, at) => ({
        key: `${at} ${field.name}`,
        name: getFieldDisplayName(field),
        color: getFieldSeriesColor(field, theme).color,
        field: { ...field, display: undefined } as unknown as typeof field,
        values: field.values as (number | null)[],
      })),
    },
  };
}
