import { labelsToRecord } from '#metrics/model';
import type { Frame } from '../contract.ts';
import { dataError } from '../errors.ts';
import type { QueryLimits } from '../kind.ts';
import type { PrometheusAnswer, PrometheusSeries } from './answer.ts';
import { cellFrames, heatmapFrames } from './heatmap-frames.ts';
import { legendNames } from './legend.ts';
import { tableFrame } from './table-frame.ts';
import type { PrometheusTarget } from './target.ts';

export interface FramesContext {
  readonly target: PrometheusTarget;
  /** Queries of the request: with several, the value column of a table is named after its own. */
  readonly queryCount: number;
  readonly limits: QueryLimits;
}

/** An answer as data frames, in the format that the query asks for. @throws {AppError} DATA_QUERY_TOO_LARGE */
export function prometheusFrames(
  answer: PrometheusAnswer,
  context: FramesContext,
): readonly Frame[] {
  const { target, limits } = context;
  checkSize(answer.series, limits);
  const meta = metaOf(answer, target);
  if (answer.text !== undefined) return [textFrame(answer.text, meta)];
  if (target.format === 'table') return [tableFrame(answer.series, context, meta)];
  if (target.format === 'heatmap') {
    const frames = heatmapFrames(answer.series, meta);
    if (frames !== undefined) return frames;
  }
  return [
    ...seriesFrames(
      answer.series.filter(({ timesMs }) => timesMs.length > 0),
      target,
      meta,
    ),
    ...cellFrames(answer.series, meta),
  ];
}

/** One frame a series: its times, and its values with their labels. */
function seriesFrames(
  series: readonly PrometheusSeries[],
  target: PrometheusTarget,
  meta: Readonly<Record<string, unknown>>,
): readonly Frame[] {
  const names = legendNames(
    series.map(({ labels }) => labels),
    target.legendFormat,
    target.expr,
  );
  // Who draws breaks the line where points are further apart than this.
  const interval = { interval: target.step.stepMs };
  return series.map(({ labels, timesMs, values }, at) => {
    const record = labelsToRecord(labels);
    const name = names[at];
    return {
      ...(name === undefined ? {} : { name }),
      meta,
      fields: [
        { name: 'Time', type: 'time', config: interval, values: timesMs },
        {
          name: record['__name__'] ?? 'Value',
          type: 'number',
          labels: record,
          ...(name === undefined ? {} : { config: { displayNameFromDS: name } }),
          values,
        },
      ],
    };
  });
}

function textFrame(
  { timeMs, value }: { readonly timeMs: number; readonly value: string },
  meta: Readonly<Record<string, unknown>>,
): Frame {
  return {
    meta,
    fields: [
      { name: 'Time', type: 'time', values: [timeMs] },
      { name: 'Value', type: 'string', values: [value] },
    ],
  };
}

const frameTypes: Readonly<Record<PrometheusAnswer['resultType'], string | undefined>> = {
  matrix: 'timeseries-multi',
  vector: 'numeric-multi',
  scalar: 'numeric-multi',
  string: undefined,
};

function metaOf(
  { resultType, warnings }: PrometheusAnswer,
  { expr, step }: PrometheusTarget,
): Readonly<Record<string, unknown>> {
  const type = frameTypes[resultType];
  return {
    ...(type === undefined ? {} : { type, typeVersion: [0, 1] }),
    custom: { resultType },
    executedQueryString: `Expr: ${expr}\nStep: ${step.stepMs / 1000}s`,
    ...(warnings.length === 0
      ? {}
      : { notices: warnings.map((text) => ({ severity: 'warning', text })) }),
  };
}

function checkSize(
  series: readonly PrometheusSeries[],
  { maxSeries, maxPoints }: QueryLimits,
): void {
  if (series.length > maxSeries) {
    throw dataError(
      'DATA_QUERY_TOO_LARGE',
      `The query answers with ${series.length} series, ${maxSeries} are the most: select fewer, or aggregate them`,
      { hint: 'dashboards.dataSources.maxSeries is the limit' },
    );
  }
  let points = 0;
  for (const { timesMs, histograms } of series) {
    points += timesMs.length;
    for (const { cells } of histograms ?? []) points += cells.length;
  }
  if (points > maxPoints) {
    throw dataError(
      'DATA_QUERY_TOO_LARGE',
      `The query answers with ${points} values, ${maxPoints} are the most: ask for a larger step or fewer series`,
      { hint: 'dashboards.dataSources.maxPoints is the limit' },
    );
  }
}
