import type { ScrapeConfig } from '#metrics/config';
import {
  BodyReader,
  bodyEnd,
  bodyMetadata,
  bodyNewSeries,
  type ExpositionFormat,
  parseExposition,
} from '#metrics/exposition';
import { type MetricMetadata, setStaleAt, wordsOf } from '#metrics/model';
import {
  firstDroppedSeries,
  type IngestStore,
  refusedSeries,
  type SampleBatch,
  type SeriesRef,
} from '#metrics/tsdb';
import { type IngestCounts, Pass } from './pass.ts';
import { SlotTable, TextSlots } from './slots.ts';
import type { Target } from './target.ts';

/** A series refused for the store's limit is tried again after so many scrapes. */
const refusedRetryScrapes = 10;

/** How bodies of one target become samples; what is known of its series from one body to the next. */
export class Ingest {
  readonly #store: Pick<IngestStore, 'seriesRef' | 'setMetadata'>;
  #reader = new BodyReader();
  #readerSlots = new SlotTable();
  #entries = new TextSlots();
  #entrySlots = new SlotTable();
  /** Series that get a marker when they are missing. */
  #tracked: Uint32Array = new Uint32Array(0);
  #mustCompare = true;
  #scrape = 0;
  #hasRefused = false;
  readonly metadata: Map<string, MetricMetadata> = new Map<string, MetricMetadata>();

  constructor(store: Pick<IngestStore, 'seriesRef' | 'setMetadata'>) {
    this.#store = store;
  }

  /** Relabelling or labels changed: series are looked up again. Those that are gone still get markers. */
  forgetSeries(): void {
    this.#reader = new BodyReader();
    this.#readerSlots = new SlotTable();
    this.#entries = new TextSlots();
    this.#entrySlots = new SlotTable();
    this.#mustCompare = true;
  }

  /**
   * Adds the samples of a body to the batch, and markers for the series that it lacks. When it throws,
   * what the batch got must be thrown away.
   * @throws {AppError} EXPOSITION_INVALID, SCRAPE_LIMIT, SCRAPE_SAMPLE_INVALID
   */
  add(
    batch: SampleBatch,
    body: { readonly bytes: Uint8Array; readonly format: ExpositionFormat },
    of: { readonly target: Target; readonly config: ScrapeConfig; readonly timeMs: number },
  ): IngestCounts {
    this.#scrape++;
    if (this.#hasRefused && this.#scrape % refusedRetryScrapes === 0) {
      this.#hasRefused = false;
      this.forgetSeries();
    }
    const isPlain = body.format !== 'protobuf' && !of.target.convertsClassicHistograms;
    const pass = new Pass(this.#store, batch, of, {
      slots: isPlain ? this.#readerSlots : this.#entrySlots,
      scrape: this.#scrape,
      metadata: this.metadata,
    });
    try {
      if (isPlain) this.#addLines(pass, body.bytes, body.format === 'openmetrics');
      else this.#addEntries(pass, body);
      pass.finish();
    } catch (error) {
      this.#reader.abandon();
      this.#entries.abandon();
      throw error;
    }
    const source = isPlain ? this.#reader : this.#entries;
    const hasChanged = source.hasChanged || pass.hasTrackingChanged || this.#mustCompare;
    this.#hasRefused ||= pass.counts.refused > 0;
    source.commit();
    if (hasChanged) {
      const slots = isPlain ? this.#reader.knownSlots() : this.#entries.known();
      this.#compare(batch, pass.slots, slots, of.timeMs);
    }
    return pass.counts;
  }

  /** Markers for all series, as after a scrape that failed. */
  addAllStale(batch: SampleBatch, timeMs: number): void {
    for (const ref of this.#tracked) addStale(batch, ref, timeMs);
    this.#tracked = new Uint32Array(0);
    this.#mustCompare = true;
  }

  #addLines(pass: Pass, bytes: Uint8Array, isOpenMetrics: boolean): void {
    const reader = this.#reader;
    const { numbers } = reader;
    reader.begin(bytes, isOpenMetrics);
    for (let found = reader.next(); found !== bodyEnd; found = reader.next()) {
      if (found === bodyMetadata) {
        const { kind, family, text } = reader.metadata();
        pass.describe(family, kind, text);
        continue;
      }
      const { slot } = reader;
      if (found === bodyNewSeries) pass.addSeries(slot, reader.pairs());
      const at = pass.addSample(slot, numbers[0]!, numbers[1]!);
      if (at >= 0 && reader.exemplar !== undefined) {
        const { value, timeMs } = reader.exemplar;
        const pairs = reader.exemplarPairs(reader.exemplar);
        pass.addExemplar(at, { pairs, value, timeMs: Number.isNaN(timeMs) ? undefined : timeMs });
      }
    }
  }

  #addEntries(
    pass: Pass,
    body: { readonly bytes: Uint8Array; readonly format: ExpositionFormat },
  ): void {
    const { target, config } = pass.of;
    const entries = parseExposition(body.bytes, body.format, {
      nativeHistograms: target.hasNativeHistograms,
      convertClassicHistograms: target.convertsClassicHistograms,
      keepClassicHistograms: target.keepsClassicHistograms,
    });
    for (const entry of entries) {
      if (entry.kind !== 'sample') {
        pass.describe(entry.family, entry.kind, entry.text);
        continue;
      }
      const { slot, isNew } = this.#entries.find(entry.pairs.join('\u0000'));
      if (isNew) pass.addSeries(slot, entry.pairs);
      const at = pass.addSample(slot, entry.value, entry.timeMs ?? Number.NaN);
      if (at >= 0) pass.addDetails(at, entry, config);
    }
  }

  /** Markers for series that were there and are not, and what is there for the next time. */
  #compare(
    batch: SampleBatch,
    { refs, tracked }: SlotTable,
    slots: Iterable<number>,
    timeMs: number,
  ): void {
    const now = new Set<number>();
    for (const slot of slots) {
      const ref = refs[slot]!;
      if (tracked[slot] === 1 && ref < firstDroppedSeries && ref !== refusedSeries) now.add(ref);
    }
    for (const ref of this.#tracked) if (!now.has(ref)) addStale(batch, ref, timeMs);
    this.#tracked = Uint32Array.from(now);
    this.#mustCompare = false;
  }
}

export function addStale(batch: SampleBatch, ref: SeriesRef, timeMs: number): void {
  const at = batch.length;
  batch.add(ref, timeMs, 0);
  setStaleAt(wordsOf(batch.values), at);
}
