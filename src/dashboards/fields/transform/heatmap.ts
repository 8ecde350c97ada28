import {
  type DataFrame,
  DataFrameType,
  type DataTransformerInfo,
  type Field,
  FieldType,
} from '@grafana/data';
import { heatBuckets } from '../models/heat-buckets.ts';
import { type BucketOptions, bucketOptions } from '../models/heat-options.ts';
import { objectAt } from '../read.ts';
import { ownTransformer } from './own-transformer.ts';

/** Each is a row of a table until it is drawn. */
const maxCells = 200_000;
/** Of one side, so that asking for too many costs nothing. */
const maxBuckets = 10_000;

/** Values of series become cells: how many of them fell into a span of time and of values. */
export const heatmap: DataTransformerInfo = ownTransformer('heatmap', (frames, options) => {
  const xBuckets = bucketOptions(objectAt(options, 'xBuckets'));
  const yBuckets = bucketOptions(objectAt(options, 'yBuckets'));
  const timed = frames.flatMap((frame) => {
    const time = frame.fields.find(({ type }) => type === FieldType.time);
    return time === undefined ? [] : [{ frame, time }];
  });
  const series = timed.flatMap(({ frame, time }) =>
    frame.fields
      .filter(({ type }) => type === FieldType.number)
      .map((field) => ({ xsMs: time.values as number[], values: field.values, field })),
  );
  const [first] = series;
  if (first === undefined) return frames;
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { xsMs } of series) {
    firstMs = Math.min(firstMs, xsMs[0] ?? firstMs);
    lastMs = Math.max(lastMs, xsMs.at(-1) ?? lastMs);
  }
  const found = heatBuckets(series, {
    xBuckets,
    yBuckets,
    rangeMs: Math.max(1, lastMs - firstMs),
    maxColumns: maxBuckets,
    maxRows: maxBuckets,
    maxCells,
  });
  const rest = frames.filter((frame) => !timed.some((one) => one.frame === frame));
  return found === undefined ? frames : [cellsFrame(found, first.field, yBuckets), ...rest];
});

/** As heat maps take them, and Grafana writes them: `xMin`, `yMin` and `Count`, column by column. */
function cellsFrame(
  { columnsMs, columnMs, edges, counts }: NonNullable<ReturnType<typeof heatBuckets>>,
  source: Field,
  yBuckets: BucketOptions,
): DataFrame {
  const lowers = edges.slice(0, -1);
  const { unit, decimals } = source.config;
  return {
    length: counts.length,
    meta: { type: DataFrameType.HeatmapCells },
    fields: [
      {
        name: 'xMin',
        type: FieldType.time,
        config: { interval: columnMs },
        values: columnsMs.flatMap((ms) => lowers.map(() => ms)),
      },
      {
        name: 'yMin',
        type: FieldType.number,
        config: {
          ...(unit === undefined ? {} : { unit }),
          ...(decimals == null ? {} : { decimals }),
          ...(yBuckets.isLog
            ? { custom: { scaleDistribution: { type: 'log', log: yBuckets.logBase } } }
            : { interval: (edges[1] as number) - (edges[0] as number) }),
        },
        values: columnsMs.flatMap(() => lowers),
      },
      {
        name: 'Count',
        type: FieldType.number,
        config: { unit: 'short' },
        values: [...counts],
      },
    ],
  };
}
