import { type FloatHistogram, labelsToRecord } from '#metrics/model';
import type { QueryResult, QueryStats, ResultSeries } from '#metrics/promql';
import type { HistogramBucket } from './contract.ts';
import { JsonSink } from './json-sink.ts';
import { timeText, valueText } from './number-text.ts';

export interface ResultJsonOptions {
  /** At most so many series; 0: all. A warning says that there were more. */
  readonly limit: number;
  /** With statistics; times of the steps that they are of, Unix ms. */
  readonly statsOfSteps?: { readonly startMs: number; readonly stepMs: number };
  /** Buckets of a histogram with their bounds, as `#metrics/promql` tells them. */
  readonly buckets: (histogram: FloatHistogram) => Iterable<HistogramBucket>;
}

/**
 * The answer of a query in the Prometheus API's JSON, in chunks of bytes: memory grows with a chunk,
 * not with the answer.
 */
export function* resultJson(result: QueryResult, options: ResultJsonOptions): Generator<Buffer> {
  const sink = new JsonSink();
  const { value } = result;
  let { warnings } = result;
  sink.raw(`{"status":"success","data":{"resultType":"${value.type}","result":`);
  if (value.type === 'scalar') sink.sample(value.timeMs, value.value);
  else if (value.type === 'string') {
    sink.raw(`[${timeText(value.timeMs)},${JSON.stringify(value.value)}]`);
  } else {
    const isCut = options.limit > 0 && value.series.length > options.limit;
    const count = isCut ? options.limit : value.series.length;
    if (isCut) warnings = [...warnings, 'results truncated due to limit'];
    sink.raw('[');
    for (let at = 0; at < count; at++) {
      if (at > 0) sink.raw(',');
      const series = value.series[at]!;
      if (value.type === 'vector') writeVectorSeries(sink, series, options);
      else yield* writeMatrixSeries(sink, series, options);
      if (sink.hasFull) yield* sink.take();
    }
    sink.raw(']');
  }
  if (options.statsOfSteps !== undefined) {
    sink.raw(',"stats":');
    sink.json(statsOf(result.stats, options.statsOfSteps));
  }
  sink.raw('}');
  writeAnnotations(sink, 'warnings', warnings);
  writeAnnotations(sink, 'infos', result.infos);
  sink.raw('}');
  yield* sink.end();
}

function writeVectorSeries(sink: JsonSink, series: ResultSeries, options: ResultJsonOptions): void {
  sink.raw('{"metric":');
  sink.json(labelsToRecord(series.labels));
  const histogram = series.histograms?.[0];
  if (histogram !== undefined) {
    sink.raw(',"histogram":');
    writeHistogram(sink, histogram.timeMs, histogram.histogram, options);
  } else {
    sink.raw(',"value":');
    sink.samples(series.timesMs, series.values, 0);
  }
  sink.raw('}');
}

function* writeMatrixSeries(
  sink: JsonSink,
  { labels, timesMs, values, histograms }: ResultSeries,
  options: ResultJsonOptions,
): Generator<Buffer> {
  sink.raw('{"metric":');
  sink.json(labelsToRecord(labels));
  if (timesMs.length > 0) {
    sink.raw(',"values":[');
    for (let at = 0; at < timesMs.length; ) {
      if (at > 0) sink.raw(',');
      at = sink.samples(timesMs, values, at);
      if (sink.hasFull) yield* sink.take();
    }
    sink.raw(']');
  }
  if (histograms !== undefined && histograms.length > 0) {
    sink.raw(',"histograms":[');
    for (const [at, { timeMs, histogram }] of histograms.entries()) {
      if (at > 0) sink.raw(',');
      writeHistogram(sink, timeMs, histogram, options);
      if (sink.hasFull) yield* sink.take();
    }
    sink.raw(']');
  }
  sink.raw('}');
}

function writeHistogram(
  sink: JsonSink,
  timeMs: number,
  histogram: FloatHistogram,
  options: ResultJsonOptions,
): void {
  const { count, sum } = histogram;
  sink.raw(`[${timeText(timeMs)},{"count":"${valueText(count)}","sum":"${valueText(sum)}"`);
  let isFirst = true;
  for (const bucket of options.buckets(histogram)) {
    if (bucket.count === 0) continue;
    sink.raw(isFirst ? ',"buckets":[' : ',');
    isFirst = false;
    const { boundaries, lower, upper } = bucket;
    sink.raw(
      `[${boundaries},"${valueText(lower)}","${valueText(upper)}","${valueText(bucket.count)}"]`,
    );
  }
  sink.raw(isFirst ? '}]' : ']}]');
}

function writeAnnotations(sink: JsonSink, name: string, texts: readonly string[]): void {
  if (texts.length === 0) return;
  sink.raw(`,"${name}":`);
  sink.json(texts);
}

function statsOf(
  stats: QueryStats,
  { startMs, stepMs }: { readonly startMs: number; readonly stepMs: number },
): unknown {
  const seconds = (ms: number): number => ms / 1000;
  const { parseMs, selectMs, evalMs, totalMs } = stats.timings;
  return {
    timings: {
      evalTotalTime: seconds(selectMs + evalMs),
      resultSortTime: 0,
      queryPreparationTime: seconds(parseMs + selectMs),
      innerEvalTime: seconds(evalMs),
      execQueueTime: 0,
      execTotalTime: seconds(totalMs),
    },
    samples: {
      totalQueryableSamples: stats.samples,
      peakSamples: stats.peakSamples,
      ...(stats.samplesPerStep === undefined
        ? {}
        : {
            totalQueryableSamplesPerStep: Array.from(stats.samplesPerStep, (samples, step) => [
              seconds(startMs + step * stepMs),
              samples,
            ]),
          }),
    },
  };
}
