import { labelsOfRecord } from '#metrics/model';
import { dataError } from '../errors.ts';
import type { HistogramCell, PrometheusAnswer, PrometheusSeries } from './answer.ts';

type Sample = readonly [seconds: number, value: string];
type HistogramSample = readonly [
  seconds: number,
  histogram: { readonly buckets?: readonly (readonly [number, string, string, string])[] },
];
interface GivenSeries {
  readonly metric?: Readonly<Record<string, string>>;
  readonly value?: Sample;
  readonly values?: readonly Sample[];
  readonly histogram?: HistogramSample;
  readonly histograms?: readonly HistogramSample[];
}

/** An answer of `/api/v1/query` and `/api/v1/query_range`. @throws {AppError} DATA_SOURCE_FAILED */
export function parseAnswer(body: unknown): PrometheusAnswer {
  const { data, warnings } = body as { data?: Record<string, unknown>; warnings?: unknown };
  const resultType = data?.['resultType'];
  const result = data?.['result'];
  const base = {
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
  };
  if (Array.isArray(result)) {
    switch (resultType) {
      case 'matrix':
      case 'vector':
        return { ...base, resultType, series: (result as GivenSeries[]).map(seriesOf) };
      case 'scalar':
        return { ...base, resultType, series: [{ labels: [], ...columns([result as never]) }] };
      case 'string': {
        const [seconds, value] = result as unknown as Sample;
        return { ...base, resultType, series: [], text: { timeMs: seconds * 1000, value } };
      }
      default:
    }
  }
  throw dataError('DATA_SOURCE_FAILED', `The server answered with no result of a query`, {
    details: { resultType },
  });
}

function seriesOf(given: GivenSeries): PrometheusSeries {
  const histograms = given.histograms ?? (given.histogram === undefined ? [] : [given.histogram]);
  return {
    labels: labelsOfRecord(given.metric ?? {}),
    ...columns(given.values ?? (given.value === undefined ? [] : [given.value])),
    ...(histograms.length === 0
      ? {}
      : {
          histograms: histograms.map(([seconds, { buckets = [] }]) => ({
            timeMs: Math.round(seconds * 1000),
            cells: buckets.map(
              ([, lower, upper, count]): HistogramCell => ({
                lower: numberOf(lower),
                upper: numberOf(upper),
                count: numberOf(count),
              }),
            ),
          })),
        }),
  };
}

function columns(samples: readonly Sample[]): Pick<PrometheusSeries, 'timesMs' | 'values'> {
  const timesMs = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  for (const [at, [seconds, value]] of samples.entries()) {
    timesMs[at] = Math.round(seconds * 1000);
    values[at] = numberOf(value);
  }
  return { timesMs, values };
}

function numberOf(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
