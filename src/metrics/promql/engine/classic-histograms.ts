import type { FloatHistogram } from '#metrics/model';
import { type Labels, labelsKey, labelValue, metricNameLabel, withLabel } from '#metrics/model';
import { forMetric } from '../annotations.ts';
import { executionError } from '../errors.ts';
import { warnOfQuantile } from '../functions/range/notes.ts';
import {
  type ClassicBucket,
  classicFraction,
  classicQuantile,
  parseBound,
} from '../functions/vector/classic.ts';
import { type Estimate, histogramFraction, histogramQuantile } from '../histogram/quantile.ts';
import type { Call } from '../parser/ast.ts';
import { formatFloat, quoteText } from '../parser/go-text.ts';
import type { Span } from '../parser/position.ts';
import { timeAt } from './grid.ts';
import { isLabelName } from './labels-text.ts';
import { namesDropped } from './names.ts';
import { floatSample, histogramSample, Row } from './row.ts';
import { evaluateScalar, evaluateVector, type Scope, stringArgument } from './scope.ts';
import { storeVector } from './store-vector.ts';
import { type StoredSeries, storedSeries, Vector, type VectorSource } from './vector.ts';

const bucketLabel = 'le';

/** Something that is asked of a histogram, classic or native, at each step. */
interface Question {
  /** Added to the labels of the answer. */
  readonly label: { readonly name: string; readonly value: string } | undefined;
  ofNative(histogram: FloatHistogram, step: number, metric: string): number;
  ofClassic(buckets: readonly ClassicBucket[], step: number, metric: string): number;
}

/** `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`. */
export async function evaluateHistogramCall(call: Call, scope: Scope): Promise<VectorSource> {
  const { evaluation, grid } = scope;
  const { questions, vectorAt } = await questionsOf(call, scope);
  const arg = call.args[vectorAt]!;
  const vector = await storeVector(await evaluateVector(arg, scope), grid, evaluation);
  const groups = groupBuckets(vector, scope, arg.span);
  const series: StoredSeries[] = [];
  const row = new Row(grid.count);
  for (const question of questions) {
    for (const group of groups) {
      if (evaluation.isDue()) await evaluation.pause();
      answer(group, question, row, scope, arg.span);
      const labels = labelled(group.labels, question);
      const stored = storedSeries(labels, group.dropsName, row);
      if (stored === undefined) continue;
      evaluation.hold(stored.values.length);
      series.push(stored);
    }
  }
  return namesDropped(new Vector(series), grid, evaluation);
}

const labelled = (labels: Labels, { label }: Question): Labels =>
  label === undefined ? labels : withLabel(labels, label.name, label.value);

async function questionsOf(
  call: Call,
  scope: Scope,
): Promise<{ readonly questions: readonly Question[]; readonly vectorAt: number }> {
  switch (call.func.name) {
    case 'histogram_quantile': {
      const quantiles = await evaluateScalar(call.args[0]!, scope);
      warnOfQuantiles(quantiles, call.args[0]!.span, scope);
      return {
        questions: [quantileQuestion(quantiles, undefined, call.args[1]!.span, scope)],
        vectorAt: 1,
      };
    }
    case 'histogram_quantiles': {
      const name = stringArgument(call, 1);
      if (!isLabelName(name)) throw executionError(`invalid label name ${quoteText(name)}`);
      const questions: Question[] = [];
      for (const arg of call.args.slice(2)) {
        const quantiles = await evaluateScalar(arg, scope);
        warnOfQuantiles(quantiles, arg.span, scope);
        const label = { name, value: openMetricsFloat(quantiles[0]!) };
        questions.push(quantileQuestion(quantiles, label, call.args[0]!.span, scope));
      }
      return { questions, vectorAt: 0 };
    }
    default: {
      const lower = await evaluateScalar(call.args[0]!, scope);
      const upper = await evaluateScalar(call.args[1]!, scope);
      const { span } = call.args[2]!;
      const question: Question = {
        label: undefined,
        ofNative: (histogram, step, metric) =>
          noted(histogramFraction(lower[step]!, upper[step]!, histogram), metric, span, scope),
        ofClassic: (buckets, step) => classicFraction(lower[step]!, upper[step]!, buckets),
      };
      return { questions: [question], vectorAt: 2 };
    }
  }
}

function warnOfQuantiles(quantiles: Float64Array, span: Span, { evaluation }: Scope): void {
  for (const q of quantiles) {
    if (!(q >= 0 && q <= 1)) warnOfQuantile(q, evaluation.annotations, span);
  }
}

/** A number as the OpenMetrics text writes it: with a fraction always. */
function openMetricsFloat(value: number): string {
  const text = formatFloat(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function quantileQuestion(
  quantiles: Float64Array,
  label: Question['label'],
  span: Span,
  scope: Scope,
): Question {
  const { evaluation, grid } = scope;
  return {
    label,
    ofNative: (histogram, step, metric) =>
      noted(histogramQuantile(quantiles[step]!, histogram), metric, span, scope),
    ofClassic(buckets, step, metric) {
      const { value, forced } = classicQuantile(quantiles[step]!, buckets);
      if (forced !== undefined) {
        const atMs = timeAt(grid, step);
        evaluation.annotations.forcedMonotonicity(
          evaluation.options.delaysNameRemoval ? metric : '',
          span,
          { ...forced, fromMs: atMs, toMs: atMs, count: 1 },
        );
      }
      return value;
    },
  };
}

const noteTexts: Readonly<Record<NonNullable<Estimate['note']>, string>> = {
  nanResult: 'input to histogram_quantile has NaN observations, result is NaN',
  nanSkew: 'input to histogram_quantile has NaN observations, result is skewed higher',
  nanExcluded:
    'input to histogram_fraction has NaN observations, which are excluded from all fractions',
};

function noted(
  { value, note }: Estimate,
  metric: string,
  span: Span,
  { evaluation }: Scope,
): number {
  if (note !== undefined) {
    evaluation.annotations.inform(`${noteTexts[note]}${forMetric(metric)}`, span);
  }
  return value;
}

/** Series of one histogram: classic buckets with their bounds, native samples. */
interface HistogramGroup {
  readonly labels: Labels;
  readonly metric: string;
  dropsName: boolean;
  readonly classic: { readonly upper: number; readonly series: StoredSeries }[];
  readonly native: StoredSeries[];
}

function groupBuckets(vector: Vector, { evaluation }: Scope, span: Span): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const groupOf = (labels: Labels, series: StoredSeries): HistogramGroup => {
    const key = labelsKey(labels);
    let group = groups.get(key);
    if (group === undefined) {
      const metric = labelValue(labels, metricNameLabel);
      group = { labels, metric, dropsName: series.dropsName, classic: [], native: [] };
      groups.set(key, group);
    }
    return group;
  };
  for (const series of vector.series) {
    const { labels, kinds, histograms } = series;
    if (histograms !== undefined) groupOf(labels, series).native.push(series);
    if (!kinds.includes(floatSample)) continue;
    const bound = labelValue(labels, bucketLabel);
    const upper = parseBound(bound);
    if (upper === undefined) {
      const { delaysNameRemoval } = evaluation.options;
      const metric = delaysNameRemoval ? labelValue(labels, metricNameLabel) : '';
      evaluation.annotations.warn(
        `bucket label "le" is missing or has a malformed value of ${quoteText(bound)}${forMetric(metric)}`,
        span,
      );
      continue;
    }
    groupOf(withLabel(labels, bucketLabel, ''), series).classic.push({ upper, series });
  }
  return [...groups.values()];
}

/** The answer for one histogram at all steps. */
function answer(
  group: HistogramGroup,
  question: Question,
  row: Row,
  { evaluation, grid }: Scope,
  span: Span,
): void {
  row.clear();
  const metric = group.metric;
  for (let step = 0; step < grid.count; step++) {
    const buckets: ClassicBucket[] = [];
    for (const { upper, series } of group.classic) {
      const at = step - series.from;
      if (series.kinds[at] === floatSample) buckets.push({ upper, count: series.values[at]! });
    }
    const native = group.native.find(({ kinds, from }) => kinds[step - from] === histogramSample);
    if (native !== undefined && buckets.length > 0) {
      const name = evaluation.options.delaysNameRemoval ? metric : '';
      evaluation.annotations.warn(
        `vector contains a mix of classic and native histograms${forMetric(name)}`,
        span,
      );
    } else if (native !== undefined) {
      const histogram = native.histograms![step - native.from]!;
      row.setFloat(step, question.ofNative(histogram, step, metric));
    } else if (buckets.length > 0) {
      row.setFloat(step, question.ofClassic(buckets, step, metric));
    }
  }
}
