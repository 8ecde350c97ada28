import { describeError, isAbortError } from '#base';
import { alignToStep } from '#dashboards/variables';
import type { DataQuery, DataSource, Frame } from '../contract.ts';
import type { QueryContext } from '../kind.ts';
import type { PrometheusBackend } from './answer.ts';
import { exemplarFrame } from './exemplar-frame.ts';
import { prometheusFrames } from './frames.ts';
import { readTarget } from './target.ts';

/** Answers a query of a panel over either backend. @throws {AppError} */
export async function queryPrometheus(
  backend: PrometheusBackend,
  source: Pick<DataSource, 'jsonData'>,
  sourceIntervalMs: number | undefined,
  query: DataQuery,
  context: QueryContext,
): Promise<readonly Frame[]> {
  const { fromMs, toMs, queryCount, limits, signal } = context;
  const target = readTarget(query, { fromMs, toMs }, sourceIntervalMs);
  const { stepMs } = target.step;
  const { startMs, endMs } = alignToStep({ fromMs, toMs }, stepMs, target.zoneOffsetMs);
  const toFrames = (answer: Parameters<typeof prometheusFrames>[0]): readonly Frame[] =>
    prometheusFrames(answer, { target, queryCount, limits });
  const [range, instant, exemplars] = await Promise.all([
    target.isRange
      ? backend.range(target.expr, { startMs, endMs, stepMs }, signal).then(toFrames)
      : [],
    target.isInstant ? backend.instant(target.expr, toMs, signal).then(toFrames) : [],
    target.hasExemplars && target.isRange
      ? exemplarFrames(backend, source, target.expr, context)
      : [],
  ]);
  // Both were asked for: the instant answer goes by a name of its own.
  const isBoth = target.isInstant && target.isRange;
  const refId = `${target.refId}-Instant`;
  return [
    ...range,
    ...(isBoth ? instant.map((frame) => ({ ...frame, refId })) : instant),
    ...exemplars,
  ];
}

/** Exemplars are an extra: without them the chart is still right, and a note says what went wrong. */
async function exemplarFrames(
  backend: PrometheusBackend,
  source: Pick<DataSource, 'jsonData'>,
  expr: string,
  { fromMs, toMs, signal }: QueryContext,
): Promise<readonly Frame[]> {
  try {
    const found = await backend.exemplars(expr, { startMs: fromMs, endMs: toMs }, signal);
    const frame = exemplarFrame(found, source);
    return frame === undefined ? [] : [frame];
  } catch (error) {
    if (isAbortError(error)) throw error;
    const text = `No exemplars: ${describeError(error)}`;
    const meta = { dataTopic: 'annotations', notices: [{ severity: 'info', text }] };
    return [{ name: 'exemplar', meta, fields: [] }];
  }
}
