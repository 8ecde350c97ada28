import type { ScrapeConfig } from '#metrics/config';
import type { ParsedExemplar, ParsedSample } from '#metrics/exposition';
import {
  type Exemplar,
  highWord,
  type Labels,
  labelsOf,
  lowWord,
  type MetricMetadata,
  normalNanHighBits,
  normalNanLowBits,
  wordsOf,
} from '#metrics/model';
import {
  firstDroppedSeries,
  type IngestStore,
  refusedSeries,
  type SampleBatch,
} from '#metrics/tsdb';
import { limitHistogram } from './histogram-limit.ts';
import { limitExceeded, sampleLabels } from './sample-labels.ts';
import { droppedSeries, type SlotTable } from './slots.ts';
import type { Target } from './target.ts';

/** A sample that claims to be of a later time is refused: one wrong clock must not stop a series. */
const maxAheadMs = 600_000;
/** A target's metadata is kept up to so many families. */
const maxFamilies = 20_000;
/** What a body came to. */
export interface IngestCounts {
  scraped: number;
  postRelabel: number;
  seriesAdded: number;
  duplicates: number;
  outOfBounds: number;
  /** Of series that the store does not take more of. */
  refused: number;
}

const noCounts = (): IngestCounts => ({
  scraped: 0,
  postRelabel: 0,
  seriesAdded: 0,
  duplicates: 0,
  outOfBounds: 0,
  refused: 0,
});

/** One body on its way into a batch. */
export class Pass {
  readonly of: { readonly target: Target; readonly config: ScrapeConfig; readonly timeMs: number };
  readonly counts: IngestCounts = noCounts();
  readonly slots: SlotTable;
  hasTrackingChanged = false;
  readonly #store: Pick<IngestStore, 'seriesRef' | 'setMetadata'>;
  readonly #batch: SampleBatch;
  readonly #scrape: number;
  readonly #metadata: Map<string, MetricMetadata>;
  readonly #sampleLimit: number;
  readonly #honorsTimes: boolean;
  readonly #tracksTimes: boolean;
  readonly #latestMs: number;
  readonly #first: number;
  /** Series of this body that the store has not been asked about: only once all of it is good. */
  readonly #pending: { readonly slot: number; readonly labels: Labels }[] = [];
  #pendingSamples: { readonly at: number; readonly slot: number }[] = [];
  readonly #pendingSlots = new Set<number>();
  readonly #described = new Map<string, MetricMetadata>();

  constructor(
    store: Pick<IngestStore, 'seriesRef' | 'setMetadata'>,
    batch: SampleBatch,
    of: Pass['of'],
    state: {
      readonly slots: SlotTable;
      readonly scrape: number;
      readonly metadata: Map<string, MetricMetadata>;
    },
  ) {
    this.of = of;
    this.slots = state.slots;
    this.#store = store;
    this.#batch = batch;
    this.#scrape = state.scrape;
    this.#metadata = state.metadata;
    this.#sampleLimit = of.config.sampleLimit || Number.POSITIVE_INFINITY;
    this.#honorsTimes = of.config.honorTimestamps;
    this.#tracksTimes = of.config.trackTimestampsStaleness;
    this.#latestMs = of.timeMs + maxAheadMs;
    this.#first = batch.length;
  }

  addSeries(slot: number, pairs: readonly string[]): void {
    const { slots, of } = this;
    slots.reserve(slot);
    slots.scrapes[slot] = 0;
    slots.tracked[slot] = 0;
    const labels = sampleLabels(pairs, of.target.labels, of.config);
    if (labels === undefined) {
      slots.refs[slot] = droppedSeries;
      return;
    }
    this.counts.seriesAdded++;
    // With a limit of samples this body may be refused: its series must not fill the store.
    slots.refs[slot] = refusedSeries;
    this.#pending.push({ slot, labels });
    this.#pendingSlots.add(slot);
  }

  /** Where the sample is in the batch; -1: it is not taken. */
  addSample(slot: number, value: number, givenMs: number): number {
    const { slots, counts } = this;
    counts.scraped++;
    const ref = slots.refs[slot]!;
    if (ref === droppedSeries) return -1;
    // Drop rules come after those of the configuration; the store counts what they take.
    if (ref < firstDroppedSeries) counts.postRelabel++;
    // Counted to the end, for the report; the samples are thrown away.
    if (counts.postRelabel > this.#sampleLimit) return -1;
    const isPending = ref === refusedSeries && this.#pendingSlots.has(slot);
    if (ref === refusedSeries && !isPending) {
      counts.refused++;
      return -1;
    }
    const hasTime = this.#honorsTimes && !Number.isNaN(givenMs);
    const isTracked = !hasTime || this.#tracksTimes ? 1 : 0;
    if (slots.tracked[slot] !== isTracked) {
      slots.tracked[slot] = isTracked;
      this.hasTrackingChanged = true;
    }
    if (slots.scrapes[slot] === this.#scrape && !hasTime) {
      counts.duplicates++;
      return -1;
    }
    slots.scrapes[slot] = this.#scrape;
    const timeMs = hasTime ? givenMs : this.of.timeMs;
    if (timeMs > this.#latestMs) {
      counts.outOfBounds++;
      return -1;
    }
    const batch = this.#batch;
    const at = batch.length;
    batch.add(ref, timeMs, value);
    if (Number.isNaN(value)) writeNan(batch.values, at);
    if (isPending) this.#pendingSamples.push({ at, slot });
    return at;
  }

  addDetails(at: number, entry: ParsedSample, config: ScrapeConfig): void {
    const batch = this.#batch;
    if (entry.histogram !== undefined) {
      batch.histograms ??= new Map();
      batch.histograms.set(at, limitHistogram(entry.histogram, config));
    }
    if (entry.startTimeMs !== undefined) {
      batch.startTimesMs ??= new Float64Array(batch.refs.length);
      batch.startTimesMs[at] = entry.startTimeMs;
    }
    for (const exemplar of entry.exemplars ?? []) this.addExemplar(at, exemplar);
  }

  addExemplar(at: number, { pairs, value, timeMs }: ParsedExemplar): void {
    const batch = this.#batch;
    const labels = labelsOf(toPairs(pairs));
    const exemplar: Exemplar = { labels, value, timeMs: timeMs ?? batch.timesMs[at]! };
    batch.exemplars ??= [];
    batch.exemplars.push({ ref: batch.refs[at]!, exemplar });
    if (batch.refs[at] === refusedSeries)
      this.#lateExemplars.push({ index: batch.exemplars.length - 1, at });
  }

  readonly #lateExemplars: { readonly index: number; readonly at: number }[] = [];

  describe(family: string, kind: 'help' | 'type' | 'unit', text: string): void {
    const known = this.#described.get(family) ?? this.#metadata.get(family);
    const before = known ?? { type: 'unknown' as const, help: '', unit: '' };
    if (known !== undefined && before[kind] === text) return;
    this.#described.set(family, { ...before, [kind]: text });
  }

  /** The body is good: its new series get their numbers, and what it says of families counts. */
  finish(): void {
    const { counts, slots } = this;
    if (counts.postRelabel > this.#sampleLimit)
      throw limitExceeded('sample limit exceeded', { counts });
    for (const { slot, labels } of this.#pending) slots.refs[slot] = this.#store.seriesRef(labels);
    const { refs, exemplars } = this.#batch;
    let hasRefused = false;
    for (const { at, slot } of this.#pendingSamples) {
      const ref = slots.refs[slot]!;
      refs[at] = ref;
      hasRefused ||= ref === refusedSeries;
      if (ref >= firstDroppedSeries) counts.postRelabel--;
    }
    for (const { index, at } of this.#lateExemplars) {
      exemplars![index] = { ref: refs[at]!, exemplar: exemplars![index]!.exemplar };
    }
    this.#pendingSamples = [];
    if (hasRefused) counts.refused += dropRefused(this.#batch, this.#first);
    for (const [family, metadata] of this.#described) {
      if (this.#metadata.size >= maxFamilies && !this.#metadata.has(family)) continue;
      this.#metadata.set(family, metadata);
      this.#store.setMetadata(family, metadata);
    }
  }
}

/** Takes samples of refused series out of a batch. Rare: the store is full of series. */
function dropRefused(batch: SampleBatch, first: number): number {
  let to = first;
  for (let from = first; from < batch.length; from++) {
    if (batch.refs[from] === refusedSeries) continue;
    if (to !== from) {
      batch.refs[to] = batch.refs[from]!;
      batch.timesMs[to] = batch.timesMs[from]!;
      // As bits: a NaN must keep its own.
      batch.values.copyWithin(to, from, from + 1);
      batch.startTimesMs?.copyWithin(to, from, from + 1);
      const histogram = batch.histograms?.get(from);
      if (histogram !== undefined) batch.histograms?.set(to, histogram);
      else batch.histograms?.delete(to);
    }
    to++;
  }
  const dropped = batch.length - to;
  for (let at = to; at < batch.length; at++) batch.histograms?.delete(at);
  batch.length = to;
  batch.exemplars = batch.exemplars?.filter(({ ref }) => ref !== refusedSeries);
  return dropped;
}

let nanOf: Float64Array | undefined;
let nanWords: Uint32Array = new Uint32Array(0);

/** The one quiet NaN that the reference stores. */
function writeNan(values: Float64Array, at: number): void {
  if (nanOf !== values) {
    nanOf = values;
    nanWords = wordsOf(values);
  }
  nanWords[at * 2 + lowWord] = normalNanLowBits;
  nanWords[at * 2 + highWord] = normalNanHighBits;
}

function toPairs(flat: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at]!, flat[at + 1]!]);
  return pairs;
}
