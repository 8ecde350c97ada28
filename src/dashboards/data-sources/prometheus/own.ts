import { goDurationText } from '#dashboards/variables';
import { type FloatHistogram, type LabelMatcher, labelsToRecord } from '#metrics/model';
import type { PromqlEngine, QueryResult, ResultSeries } from '#metrics/promql';
import type { MetricStore } from '#metrics/tsdb';
import type { DataSource } from '../contract.ts';
import type { OpenDataSource } from '../kind.ts';
import type { HistogramCell, PrometheusAnswer, PrometheusBackend } from './answer.ts';
import { queryPrometheus } from './source.ts';

/** What answers for the program's own metrics. */
export interface OwnMetrics {
  readonly engine: PromqlEngine;
  readonly store: Pick<MetricStore, 'exemplars'>;
  /** Every matcher set of the selectors of an expression. @throws {AppError} PROMQL_PARSE */
  readonly selectors: (expr: string) => readonly (readonly LabelMatcher[])[];
  readonly buckets: (histogram: FloatHistogram) => Iterable<HistogramCell>;
  /** How often targets are scraped, unless they say otherwise. */
  readonly scrapeIntervalMs: () => number;
}

/** The built-in `Prometheus`: asks the engine, not a server. */
export function ownPrometheus(own: OwnMetrics, source: DataSource): OpenDataSource {
  const backend = ownBackend(own);
  return {
    query: (query, context) =>
      queryPrometheus(backend, source, own.scrapeIntervalMs(), query, context),
    health: async ({ toMs, signal }) => {
      await backend.instant('1+1', toMs, signal);
      return { status: 'OK', message: 'Successfully queried the Prometheus API.' };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

export function ownBackend(own: OwnMetrics): PrometheusBackend {
  return {
    instant: async (expr, atMs, signal) =>
      answerOf(await own.engine.instant(expr, atMs, {}, signal), own),
    range: async (expr, window, signal) =>
      answerOf(await own.engine.range(expr, window, {}, signal), own),
    exemplars: async (expr, { startMs, endMs }) =>
      own.store.exemplars(own.selectors(expr), startMs, endMs).map(({ labels, exemplars }) => ({
        labels: labelsToRecord(labels),
        exemplars: exemplars.map((exemplar) => ({
          labels: labelsToRecord(exemplar.labels),
          value: exemplar.value,
          timeMs: exemplar.timeMs,
        })),
      })),
  };
}

function answerOf({ value, warnings }: QueryResult, own: OwnMetrics): PrometheusAnswer {
  const base = { resultType: value.type, warnings };
  switch (value.type) {
    case 'string':
      return { ...base, series: [], text: value };
    case 'scalar': {
      const [timesMs, values] = [Float64Array.of(value.timeMs), Float64Array.of(value.value)];
      return { ...base, series: [{ labels: [], timesMs, values }] };
    }
    default:
      return { ...base, series: value.series.map((one) => withCells(one, own)) };
  }
}

function withCells(
  { histograms, ...series }: ResultSeries,
  { buckets }: OwnMetrics,
): PrometheusAnswer['series'][number] {
  if (histograms === undefined) return series;
  return {
    ...series,
    histograms: histograms.map(({ timeMs, histogram }) => ({
      timeMs,
      cells: [...buckets(histogram)].filter(({ count }) => count > 0),
    })),
  };
}

/** The program's own metrics as a data source, which nobody changes. */
export function ownPrometheusSource({
  scrapeIntervalMs,
}: Pick<OwnMetrics, 'scrapeIntervalMs'>): Omit<DataSource, 'isDefault'> {
  return {
    uid: ownPrometheusUid,
    name: 'Prometheus',
    type: 'prometheus',
    url: '',
    jsonData: { httpMethod: 'POST', timeInterval: goDurationText(scrapeIntervalMs()) },
    secureJsonFields: {},
    readOnly: true,
    version: 1,
  };
}

/** What dashboards of the field's charts refer to. */
export const ownPrometheusUid = 'prometheus';
