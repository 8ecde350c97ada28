import { wasFound } from '../parallel/chunk.ts';
import { runChunks } from '../parallel/run.ts';
import type { Evaluation } from './evaluation.ts';
import type { Grid } from './grid.ts';
import { noSample, Row } from './row.ts';
import { type StoredSeries, storedSeries, Vector, type VectorSource } from './vector.ts';

/** Reads a vector into memory and releases what it came from. */
export async function storeVector(
  source: VectorSource,
  grid: Grid,
  evaluation: Evaluation,
): Promise<Vector> {
  if (source instanceof Vector) return source;
  try {
    const computed = await storeInParallel(source, grid, evaluation);
    const series: StoredSeries[] = [];
    const row = new Row(grid.count);
    for (let index = 0; index < source.count; index++) {
      let stored: StoredSeries | 'empty' | undefined = computed?.[index];
      if (stored === undefined) {
        if (evaluation.isDue()) await evaluation.pause();
        if (!source.read(index, row)) continue;
        stored = storedSeries(source.labels(index), source.dropsName(index), row);
      }
      if (stored === undefined || stored === 'empty') continue;
      evaluation.hold(stored.values.length);
      series.push(stored);
    }
    return new Vector(series, source.isOrdered ?? false);
  } finally {
    source.dispose?.();
  }
}

/** Series that were computed on several threads; undefined where one has to be read here. */
async function storeInParallel(
  source: VectorSource,
  grid: Grid,
  evaluation: Evaluation,
): Promise<(StoredSeries | 'empty' | undefined)[] | undefined> {
  const parallel = source.parallel?.(grid);
  if (parallel === undefined) return undefined;
  const { count } = source;
  const chunks = await runChunks(parallel, count, { kind: 'rows' }, count, evaluation);
  if (chunks === undefined) return undefined;
  const steps = grid.count;
  const computed: (StoredSeries | 'empty' | undefined)[] = [];
  for (const { values, kinds, left, found } of chunks.rows) {
    const first = computed.length;
    for (let at = 0; at < found.length; at++) {
      const index = first + at;
      if (found[at] !== wasFound) {
        computed.push('empty');
        continue;
      }
      const own = kinds.subarray(at * steps, (at + 1) * steps);
      let from = 0;
      while (from < steps && own[from] === noSample) from++;
      let end = steps;
      while (end > from && own[end - 1] === noSample) end--;
      computed.push(
        from === end
          ? 'empty'
          : {
              labels: source.labels(index),
              dropsName: source.dropsName(index),
              from,
              values: values.subarray(at * steps + from, at * steps + end),
              kinds: own.subarray(from, end),
              histograms: undefined,
            },
      );
    }
    for (const index of left) computed[index] = undefined;
  }
  return computed;
}
