import type { Exemplar, FloatHistogram } from '#metrics/model';
import {
  type AppendResult,
  firstDroppedSeries,
  type IngestStore,
  refusedSeries,
  SampleBatch,
  type SeriesRef,
} from '#metrics/tsdb';
import type { LabelReader } from './decode-labels.ts';
import { bytesIn, type SeriesTable } from './series-table.ts';

/** Samples from the future would block what comes in time until then. */
const maxFutureMs = 10 * 60_000;

export interface AssemblyResult {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** The first thing that is wrong, in the words of the reference; undefined: nothing is. */
  readonly problem: string | undefined;
  /** Series left out for their labels, samples refused for the limit of series. */
  readonly invalidSeries: number;
  readonly refusedSeries: number;
  /** Of `samples` and `histograms`, what drop rules took: to the sender all went well. */
  readonly dropped: number;
}

/** One write request on its way from bytes to the store. */
export class WriteAssembly {
  readonly #store: IngestStore;
  readonly #table: SeriesTable;
  readonly #labels: LabelReader;
  #latestMs = 0;
  readonly #batch = new SampleBatch();
  /** Entry of the table for each sample, for those whose reference the store has forgotten. */
  #entries: Uint32Array = new Uint32Array(256);
  #generation = 0;
  #entry = -1;
  #ref: SeriesRef = refusedSeries;
  #histograms = 0;
  #exemplars = 0;
  #invalidSeries = 0;
  #refused = 0;
  #future = 0;
  #problem: string | undefined;

  constructor(store: IngestStore, table: SeriesTable, labels: LabelReader) {
    this.#store = store;
    this.#table = table;
    this.#labels = labels;
  }

  /** For the next request; the last one must have come to its end. */
  begin(nowMs: number): void {
    this.#batch.clear();
    this.#latestMs = nowMs + maxFutureMs;
    this.#generation = this.#table.generation;
    this.#entry = -1;
    this.#ref = refusedSeries;
    this.#histograms = 0;
    this.#exemplars = 0;
    this.#invalidSeries = 0;
    this.#refused = 0;
    this.#future = 0;
    this.#problem = undefined;
  }

  /** Samples that it has room for. */
  get capacity(): number {
    return this.#batch.refs.length;
  }

  /**
   * As `series` for the series that stands behind the last one in every request, when its labels are
   * what stands here. @returns their length, -1: it is another, `series` has to look
   */
  nextSeries(view: DataView, start: number, end: number): number {
    const table = this.#table;
    const entry = table.findNext(view, start, end);
    if (entry < 0) return -1;
    this.#entry = entry;
    this.#ref = table.refAt(entry);
    return table.lengthOf(entry);
  }

  /** The samples that follow are of the series with these label bytes. @returns false: leave it out */
  series(view: DataView, start: number, end: number): boolean {
    const table = this.#table;
    let entry = table.find(view, start, end);
    let ref = entry < 0 ? refusedSeries : table.refAt(entry);
    if (ref === refusedSeries) {
      const found = this.#refOf(view, start, end);
      if (found === undefined) {
        this.#invalidSeries++;
        this.#ref = refusedSeries;
        return false;
      }
      ref = found;
      if (ref === refusedSeries) {
        this.#ref = refusedSeries;
        this.#problem ??= this.#store.seriesLimit() ?? 'the limit of series is reached';
        return false;
      }
      if (entry < 0) entry = table.add(view, start, end, ref);
      else table.setRef(entry, ref);
    }
    this.#entry = entry;
    this.#ref = ref;
    return true;
  }

  sample(timeMs: number, value: number, startTimeMs: number): void {
    const at = this.#add(timeMs, value);
    if (at >= 0 && startTimeMs !== 0) this.#setStart(at, startTimeMs);
  }

  histogram(timeMs: number, histogram: FloatHistogram, startTimeMs: number): void {
    const at = this.#add(timeMs, histogram.sum);
    if (at < 0) return;
    this.#batch.histograms ??= new Map();
    this.#batch.histograms.set(at, histogram);
    this.#histograms++;
    if (startTimeMs !== 0) this.#setStart(at, startTimeMs);
  }

  exemplar(exemplar: Exemplar): void {
    if (this.#ref === refusedSeries || this.#ref >= firstDroppedSeries) return;
    this.#batch.exemplars ??= [];
    this.#batch.exemplars.push({ ref: this.#ref, exemplar });
    this.#exemplars++;
  }

  /** @throws {AppError} STORE_FULL, STORE_CLOSED; nothing was stored */
  async finish(): Promise<AssemblyResult> {
    const batch = this.#batch;
    let result = await this.#store.append(batch, { durable: true });
    let histograms = this.#histograms;
    let { appended, unwantedSamples: dropped = 0 } = result;
    if (result.unknown.length > 0) {
      const again = this.#retry(result.unknown);
      const second = await this.#store.append(again, { durable: true });
      appended += second.appended;
      dropped += second.unwantedSamples ?? 0;
      result = { ...result, first: second.first ?? firstKnown(result) };
    }
    if (result.first !== undefined) this.#problem ??= rejectionText(result.first.reason);
    if (this.#future > 0) this.#problem ??= 'out of bounds';
    const taken = appended + dropped;
    histograms = Math.min(histograms, taken);
    return {
      samples: taken - histograms,
      histograms,
      exemplars: this.#exemplars,
      problem: this.#problem,
      invalidSeries: this.#invalidSeries,
      refusedSeries: this.#refused,
      dropped,
    };
  }

  #add(timeMs: number, value: number): number {
    if (this.#ref === refusedSeries) {
      this.#refused++;
      return -1;
    }
    if (timeMs > this.#latestMs) {
      this.#future++;
      return -1;
    }
    const at = this.#batch.length;
    this.#batch.add(this.#ref, timeMs, value);
    if (at === this.#entries.length) {
      const larger = new Uint32Array(at * 2);
      larger.set(this.#entries);
      this.#entries = larger;
    }
    this.#entries[at] = this.#entry;
    return at;
  }

  /** Undefined: labels that are not valid. */
  #refOf(view: DataView, start: number, end: number): SeriesRef | undefined {
    const places = this.#labels.places(view, start, end);
    if (places !== undefined) return this.#store.seriesRefOfBytes(places);
    const labels = this.#labels.labels(bytesIn(view, start, end));
    return labels === undefined ? undefined : this.#store.seriesRef(labels);
  }

  #setStart(at: number, startTimeMs: number): void {
    this.#batch.startTimesMs ??= new Float64Array(this.#batch.refs.length);
    this.#batch.startTimesMs[at] = startTimeMs;
  }

  /** The series of these samples lost their numbers while nothing came for them: they get new ones. */
  #retry(unknown: readonly number[]): SampleBatch {
    const again = new SampleBatch();
    const from = this.#batch;
    for (const at of unknown) {
      // After a new start of the table the entries are gone: the sender will send again.
      if (this.#generation !== this.#table.generation) break;
      const entry = this.#entries[at]!;
      const labels = this.#labels.labels(this.#table.bytesOf(entry));
      const ref = labels === undefined ? refusedSeries : this.#store.seriesRef(labels);
      this.#table.setRef(entry, ref);
      if (ref === refusedSeries) continue;
      const to = again.length;
      again.add(ref, from.timesMs[at]!, from.values[at]!);
      const histogram = from.histograms?.get(at);
      if (histogram !== undefined) {
        again.histograms ??= new Map();
        again.histograms.set(to, histogram);
      }
      const startTimeMs = from.startTimesMs?.[at] ?? 0;
      if (startTimeMs !== 0) {
        again.startTimesMs ??= new Float64Array(again.refs.length);
        again.startTimesMs[to] = startTimeMs;
      }
    }
    return again;
  }
}

const firstKnown = ({ first }: AppendResult): AppendResult['first'] =>
  first?.reason === 'unknownSeries' ? undefined : first;

/** A rejection in the words of the reference. */
export function rejectionText(reason: NonNullable<AppendResult['first']>['reason']): string {
  switch (reason) {
    case 'outOfOrder':
      return 'out of order sample';
    case 'outOfBounds':
      return 'out of bounds';
    case 'tooOld':
      return 'too old sample';
    case 'duplicate':
      return 'duplicate sample for timestamp';
    case 'unknownSeries':
      return 'unknown series reference';
    default:
      return reason satisfies never;
  }
}
