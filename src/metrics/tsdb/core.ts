import { AppError } from '#base';
import {
  compareLabels,
  compareText,
  type Exemplar,
  type LabelBytes,
  type LabelMatcher,
  type LabelQuery,
  type Labels,
  labelsKey,
  type MetricMetadata,
} from '#metrics/model';
import { cardinalityOf, widestLabel } from './cardinality.ts';
import {
  type Cardinality,
  type HeadStats,
  refusedSeries,
  type SampleBatch,
  type SeriesRef,
} from './contract.ts';
import { ExemplarRing } from './exemplars.ts';
import { Head, type HeadRules, type Outcome } from './head/head.ts';
import { HeadQuery } from './head/query.ts';
import { maxLabelsOfSeries } from './head/table.ts';
import { MetadataTable } from './metadata.ts';

/** What the store in memory and the one on disk have in common: the head and all that is beside it. */
export class StoreCore {
  readonly head: Head;
  readonly query: HeadQuery;
  readonly exemplars: ExemplarRing = new ExemplarRing();
  readonly metadata: MetadataTable = new MetadataTable();
  readonly maxSeries: number;
  seriesCreated = 0;
  seriesRefused = 0;
  /** Told of every new series, before samples refer to it. */
  onSeries: ((ref: SeriesRef) => void) | undefined;

  constructor(rules: HeadRules, maxSeries: number) {
    this.head = new Head(rules);
    this.query = new HeadQuery(this.head);
    this.maxSeries = maxSeries;
  }

  seriesRef(labels: Labels): SeriesRef {
    const { table } = this.head;
    if (labels.length === 0 || labels.length / 2 > maxLabelsOfSeries) return this.#refuse();
    if (table.count >= this.maxSeries) return this.#knownOnly(table.find(labels));
    const before = table.count;
    return this.#noted(table.findOrAdd(labels), before);
  }

  seriesRefOfBytes(labels: LabelBytes): SeriesRef {
    const { table } = this.head;
    if (labels.count === 0 || labels.count > maxLabelsOfSeries) return this.#refuse();
    if (table.count >= this.maxSeries) return this.#knownOnly(table.findBytes(labels));
    const before = table.count;
    return this.#noted(table.findOrAddBytes(labels), before);
  }

  #knownOnly(row: number): SeriesRef {
    return row === 0 ? this.#refuse() : this.head.table.ref[row]!;
  }

  #refuse(): SeriesRef {
    this.seriesRefused++;
    return refusedSeries;
  }

  #noted(row: number, countBefore: number): SeriesRef {
    const { table } = this.head;
    const ref = table.ref[row]!;
    if (table.count > countBefore) {
      this.seriesCreated++;
      this.onSeries?.(ref);
    }
    return ref;
  }

  seriesLimit(): string | undefined {
    if (this.head.table.count < this.maxSeries) return undefined;
    const { name, values } = widestLabel(this.head);
    return `the limit of ${this.maxSeries} series is reached; the label "${name}" has the most values, ${values}`;
  }

  append(batch: SampleBatch): Outcome {
    const outcome = this.head.append(batch);
    for (const { ref, exemplar } of batch.exemplars ?? []) {
      if (this.head.table.row(ref) !== 0) this.exemplars.add(ref, exemplar);
    }
    return outcome;
  }

  findExemplars(
    sets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
  ): { labels: Labels; exemplars: Exemplar[] }[] {
    return this.exemplars
      .find(sets, fromMs, toMs, (ref) => this.head.labels(ref))
      .sort((a, b) => compareLabels(a.labels, b.labels));
  }

  metadataOf(metric?: string): ReadonlyMap<string, readonly MetricMetadata[]> {
    return this.metadata.get(metric);
  }

  /** Hides samples of the head, up to the newest of each series. */
  hide(refs: Iterable<number>, fromMs: number, toMs: number): void {
    const { table, late } = this.head;
    for (const ref of refs) {
      const row = table.row(ref);
      if (row === 0) continue;
      const newest = late.has(row) ? this.head.maxTimeMs : table.lastTime[row]!;
      const end = Math.min(toMs, newest);
      if (end < fromMs) continue;
      const ranges = this.query.tombstones.get(ref) ?? [];
      this.query.tombstones.set(ref, addRange(ranges, fromMs, end));
    }
  }

  headStats(): HeadStats {
    const { table, samples, oldestMs, maxTimeMs } = this.head;
    let open = samples.openHistograms.size;
    for (let row = 1; row < table.rows; row++) if (table.openBytes[row] !== 0) open++;
    return {
      series: table.count,
      chunks: samples.chunks + this.head.lateChunks + open,
      minTimeMs: Number.isFinite(oldestMs) ? oldestMs : undefined,
      maxTimeMs: Number.isFinite(maxTimeMs) ? maxTimeMs : undefined,
      sampleBytes: this.head.sampleBytes,
    };
  }

  cardinality(limit: number, query?: LabelQuery): Cardinality {
    const refs = query === undefined ? undefined : this.query.refsOfAny(query.matcherSets);
    return cardinalityOf(this.head, limit, refs);
  }
}

/** Joins a range to others, so that they stay few and sorted. */
export function addRange(ranges: readonly number[], fromMs: number, toMs: number): number[] {
  const joined: number[] = [];
  let from = fromMs;
  let to = toMs;
  for (let at = 0; at < ranges.length; at += 2) {
    if (ranges[at + 1]! < from || ranges[at]! > to) joined.push(ranges[at]!, ranges[at + 1]!);
    else {
      from = Math.min(from, ranges[at]!);
      to = Math.max(to, ranges[at + 1]!);
    }
  }
  joined.push(from, to);
  const pairs = Array.from({ length: joined.length / 2 }, (_, at) => [
    joined[at * 2]!,
    joined[at * 2 + 1]!,
  ]);
  return pairs.sort((a, b) => a[0]! - b[0]!).flat();
}

export function sortedTexts(texts: Iterable<string>, limit: number | undefined): string[] {
  const sorted = [...texts].sort(compareText);
  return limit === undefined ? sorted : sorted.slice(0, limit);
}

/** In label order, each once. */
export function sortedLabels(all: Iterable<Labels>, limit: number | undefined): Labels[] {
  const byKey = new Map<string, Labels>();
  for (const labels of all) byKey.set(labelsKey(labels), labels);
  const sorted = [...byKey.values()].sort(compareLabels);
  return limit === undefined ? sorted : sorted.slice(0, limit);
}

export const closedError = (): AppError =>
  new AppError('STORE_CLOSED', 'The metric store is closed');
