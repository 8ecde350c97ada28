import { isStaleAt, type LabelBytes, type Labels, labelsOfMap, wordsOf } from '#metrics/model';
import { type RelabelRule, relabelInPlace } from '#metrics/relabel';
import {
  type AppendResult,
  firstDroppedSeries,
  type IngestStore,
  SampleBatch,
  type SeriesRef,
} from '#metrics/tsdb';

/** The store says of it that it does not know it; the caller asks for the series again. */
const unknownSeries: SeriesRef = 0xfeff_ffff;
const lastDropped = 0xffff_fffe;

/** Series that a rule is known to have met: beyond it the number is "at least". */
const maxCountedSeries = 100_000;

/** A rule that is in force, and what it has done. */
export class ActiveRule {
  readonly id: string;
  readonly rules: readonly [RelabelRule];
  samples = 0;
  lastMs: number | undefined;
  readonly #seen = new Set<number>();

  constructor(id: string, rule: RelabelRule) {
    this.id = id;
    this.rules = [rule];
  }

  get series(): number {
    return this.#seen.size;
  }

  /** A series is met each time that its reference is asked for, which may be for every sample. */
  meet(labels: Labels, nowMs: number): void {
    this.lastMs = nowMs;
    if (this.#seen.size < maxCountedSeries) this.#seen.add(hashOf(labels));
  }
}

/** FNV-1a over the texts: a number stands for a series, two that fall together count as one. */
function hashOf(labels: Labels): number {
  let hash = 0x811c9dc5;
  for (const text of labels) {
    for (let at = 0; at < text.length; at++) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    }
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  return hash;
}

/**
 * A store before the store, for all that comes from outside: series that a rule drops get a reference
 * beyond all series, and samples of it are counted and left out. Callers keep references for long, so
 * after a change of rules every reference from before counts as forgotten: the callers ask once more.
 */
export class FilterStore implements IngestStore {
  readonly #store: IngestStore;
  readonly #nowMs: () => number;
  #rules: readonly ActiveRule[] = [];
  /** Reference of the first rule of this generation; each change of rules takes new numbers. */
  #base = firstDroppedSeries;
  /** Changed while the program ran: references must be looked at. */
  #hasChanged = false;
  /** References given since the last change, a bit each. */
  #current: Uint32Array = new Uint32Array(0);
  readonly #scratch = new SampleBatch();
  #isScratchTaken = false;

  constructor(store: IngestStore, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  /** @param isFirst before any series was asked for: no reference is void by it */
  setRules(rules: readonly ActiveRule[], isFirst = false): void {
    this.#base += this.#rules.length;
    // Sixteen million rules later: references from before have long been asked for again.
    if (this.#base + rules.length > lastDropped) this.#base = firstDroppedSeries;
    this.#rules = rules;
    if (isFirst) return;
    this.#hasChanged = true;
    this.#current = new Uint32Array(this.#current.length);
  }

  seriesRef(labels: Labels): SeriesRef {
    if (this.#rules.length === 0) return this.#given(this.#store.seriesRef(labels));
    const left = new Map<string, string>();
    for (let at = 0; at < labels.length; at += 2) {
      left.set(labels[at] as string, labels[at + 1] as string);
    }
    for (const [index, active] of this.#rules.entries()) {
      const count = left.size;
      const stays = relabelInPlace(active.rules, left);
      if (stays && left.size === count) continue;
      active.meet(labels, this.#nowMs());
      // Without any label it is no series.
      if (!stays || left.size === 0) return this.#base + index;
    }
    const isWhole = left.size * 2 === labels.length;
    return this.#given(this.#store.seriesRef(isWhole ? labels : labelsOfMap(left)));
  }

  seriesRefOfBytes(labels: LabelBytes): SeriesRef {
    return this.#rules.length === 0
      ? this.#given(this.#store.seriesRefOfBytes(labels))
      : this.seriesRef(textsOf(labels));
  }

  ownSeriesRef(labels: Labels): SeriesRef {
    return this.#given(this.#store.seriesRef(labels));
  }

  seriesLimit(): string | undefined {
    return this.#store.seriesLimit();
  }

  setMetadata(...given: Parameters<IngestStore['setMetadata']>): void {
    this.#store.setMetadata(...given);
  }

  async append(
    batch: SampleBatch,
    options?: { readonly durable?: boolean },
  ): Promise<AppendResult> {
    const dropped = this.#sift(batch);
    if (dropped === 0) return await this.#store.append(batch, options);
    const isOwn = !this.#isScratchTaken;
    const kept = isOwn ? this.#scratch : new SampleBatch();
    if (isOwn) this.#isScratchTaken = true;
    try {
      const places = copyKept(batch, kept);
      const result = await this.#store.append(kept, options);
      return {
        ...result,
        unwantedSamples: dropped,
        unknown: result.unknown.map((at) => places[at] ?? at),
        first: result.first && {
          ...result.first,
          index: places[result.first.index] ?? result.first.index,
        },
      };
    } finally {
      if (isOwn) {
        kept.clear();
        this.#isScratchTaken = false;
      }
    }
  }

  /** Marks references from before the last change, counts what is dropped. @returns how many samples that is */
  #sift(batch: SampleBatch): number {
    if (this.#rules.length === 0 && !this.#hasChanged) return 0;
    const { refs, length } = batch;
    const words = wordsOf(batch.values);
    const end = this.#base + this.#rules.length;
    const nowMs = this.#nowMs();
    let dropped = 0;
    for (let at = 0; at < length; at++) {
      const ref = refs[at] as number;
      if (ref >= firstDroppedSeries) {
        if (ref < this.#base || ref >= end) {
          refs[at] = unknownSeries;
          continue;
        }
        const active = this.#rules[ref - this.#base] as ActiveRule;
        active.samples++;
        active.lastMs = nowMs;
        dropped++;
      } else if (this.#hasChanged && !this.#isCurrent(ref) && !isStaleAt(words, at)) {
        // A marker ends a series, whether or not it is wanted any more.
        refs[at] = unknownSeries;
      }
    }
    return dropped;
  }

  #given(ref: SeriesRef): SeriesRef {
    if (!this.#hasChanged) return ref;
    const word = ref >>> 5;
    if (word >= this.#current.length) {
      const larger = new Uint32Array(Math.max(1024, word + 1, this.#current.length * 2));
      larger.set(this.#current);
      this.#current = larger;
    }
    this.#current[word] = (this.#current[word] as number) | (1 << (ref & 31));
    return ref;
  }

  #isCurrent(ref: SeriesRef): boolean {
    return (((this.#current[ref >>> 5] ?? 0) >>> (ref & 31)) & 1) === 1;
  }
}

/** Copies the samples that stay. @returns for each its index in the batch it comes from */
function copyKept(from: SampleBatch, to: SampleBatch): Uint32Array {
  const places = new Uint32Array(from.length);
  const { startTimesMs, histograms } = from;
  // As bits: a marker of staleness is a NaN with bits of its own.
  const source = wordsOf(from.values);
  let column = to.values;
  let target = wordsOf(column);
  for (let at = 0; at < from.length; at++) {
    const ref = from.refs[at] as number;
    if (ref >= firstDroppedSeries) continue;
    const index = to.length;
    places[index] = at;
    to.add(ref, from.timesMs[at] as number, 0);
    if (column !== to.values) {
      column = to.values;
      target = wordsOf(column);
    }
    target[index * 2] = source[at * 2] as number;
    target[index * 2 + 1] = source[at * 2 + 1] as number;
    const histogram = histograms?.get(at);
    if (histogram !== undefined) {
      to.histograms ??= new Map();
      to.histograms.set(index, histogram);
    }
    if (startTimesMs !== undefined) {
      if ((to.startTimesMs?.length ?? 0) < to.refs.length) {
        const larger = new Float64Array(to.refs.length);
        if (to.startTimesMs !== undefined) larger.set(to.startTimesMs);
        to.startTimesMs = larger;
      }
      (to.startTimesMs as Float64Array)[index] = startTimesMs[at] as number;
    }
  }
  to.exemplars = from.exemplars?.filter(({ ref }) => ref < firstDroppedSeries);
  return places;
}

function textsOf({ view, places, count }: LabelBytes): Labels {
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return Array.from({ length: count * 2 }, (_, at) =>
    bytes.toString('utf8', places[at * 2], places[at * 2 + 1]),
  );
}
