import type { AppError } from '#base';
import { type Labels, labelsKey, metricNameLabel } from '#metrics/model';
import { executionError } from '../errors.ts';
import type { ParallelSource } from '../parallel/plan.ts';
import type { Evaluation } from './evaluation.ts';
import type { Grid } from './grid.ts';
import { noSample, Row } from './row.ts';
import { storeVector } from './store-vector.ts';
import { type StoredSeries, storedSeries, Vector, type VectorSource } from './vector.ts';

const typeLabel = '__type__';
const unitLabel = '__unit__';

/** Labels without those that say what metric it is: name, type and unit. */
export function withoutMetadata(labels: Labels): Labels {
  let isMetadata = false;
  for (let at = 0; at < labels.length; at += 2) isMetadata ||= isMetadataLabel(labels[at]!);
  if (!isMetadata) return labels;
  const kept: string[] = [];
  for (let at = 0; at < labels.length; at += 2) {
    if (!isMetadataLabel(labels[at]!)) kept.push(labels[at]!, labels[at + 1]!);
  }
  return kept;
}

export const isMetadataLabel = (name: string): boolean =>
  name === metricNameLabel || name === typeLabel || name === unitLabel;

const sameLabelsText = 'vector cannot contain metrics with the same labelset';

export const sameLabelsError = (): AppError => executionError(sameLabelsText);

/**
 * A vector whose series are no longer what their name says. With delayed removal the names go when the
 * query is done; else now, and series that become the same are joined where they do not overlap.
 */
export async function namesDropped(
  source: VectorSource,
  grid: Grid,
  evaluation: Evaluation,
): Promise<VectorSource> {
  if (evaluation.options.delaysNameRemoval) return new Renamed(source, undefined, true);
  const renamed = new Renamed(source, withoutMetadata, false);
  if (hasOneName(source) || !hasSameLabels(renamed)) return renamed;
  return joined(await storeVector(renamed, grid, evaluation), grid.count);
}

/** The series of another vector under other labels. */
export class Renamed implements VectorSource {
  readonly #source: VectorSource;
  readonly #rename: ((labels: Labels, index: number) => Labels) | undefined;
  readonly #dropsName: boolean | undefined;

  constructor(
    source: VectorSource,
    rename: ((labels: Labels, index: number) => Labels) | undefined,
    dropsName: boolean | undefined,
  ) {
    this.#source = source;
    this.#rename = rename;
    this.#dropsName = dropsName;
  }

  get count(): number {
    return this.#source.count;
  }

  get isOrdered(): boolean {
    return this.#source.isOrdered ?? false;
  }

  labels(index: number): Labels {
    const labels = this.#source.labels(index);
    return this.#rename === undefined ? labels : this.#rename(labels, index);
  }

  dropsName(index: number): boolean {
    return this.#dropsName ?? this.#source.dropsName(index);
  }

  read(index: number, row: Row): boolean {
    return this.#source.read(index, row);
  }

  parallel(grid: Grid): ParallelSource | undefined {
    return this.#source.parallel?.(grid);
  }

  dispose(): void {
    this.#source.dispose?.();
  }
}

/** All series are of one metric, so that they differ without its name too. */
function hasOneName(source: VectorSource): boolean {
  let name: string | undefined;
  for (let index = 0; index < source.count; index++) {
    const labels = source.labels(index);
    let own = '';
    for (let at = 0; at < labels.length; at += 2) {
      if (labels[at] === metricNameLabel) own = labels[at + 1]!;
      else if (labels[at] === typeLabel || labels[at] === unitLabel) return false;
    }
    name ??= own;
    if (own !== name) return false;
  }
  return true;
}

function hasSameLabels(source: VectorSource): boolean {
  const keys = new Set<string>();
  for (let index = 0; index < source.count; index++) keys.add(labelsKey(source.labels(index)));
  return keys.size < source.count;
}

/**
 * Series with the same labels as one.
 * @throws {AppError} PROMQL_EXECUTION when two have a sample at the same step
 */
export function joined(vector: Vector, steps: number): Vector {
  if (!hasSameLabels(vector)) return vector;
  const byLabels = new Map<string, StoredSeries[]>();
  for (const series of vector.series) {
    const key = labelsKey(series.labels);
    const same = byLabels.get(key);
    if (same === undefined) byLabels.set(key, [series]);
    else same.push(series);
  }
  const joinedSeries: StoredSeries[] = [];
  for (const same of byLabels.values()) {
    if (same.length === 1) joinedSeries.push(same[0]!);
    else joinedSeries.push(joinOne(same, steps));
  }
  return new Vector(joinedSeries, vector.isOrdered);
}

function joinOne(same: readonly StoredSeries[], steps: number): StoredSeries {
  const total = new Row(steps);
  const row = new Row(steps);
  const vector = new Vector(same);
  for (let index = 0; index < same.length; index++) {
    vector.read(index, row);
    for (let step = 0; step < steps; step++) {
      if (row.kinds[step] === noSample) continue;
      if (total.kinds[step] !== noSample) throw sameLabelsError();
      total.copySample(step, row, step);
    }
  }
  const { labels, dropsName } = same[0]!;
  return storedSeries(labels, dropsName, total) ?? same[0]!;
}
