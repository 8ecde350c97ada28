import type { Exemplar, FloatHistogram, Labels } from '#metrics/model';
import {
  type AppendResult,
  type MetricStore,
  refusedSeries,
  SampleBatch,
  type SeriesRef,
} from '#metrics/tsdb';
import { bytesIn, type SeriesTable } from './series-table.ts';

/** Samples from the future would block what comes in time until then. */
const maxFutureMs = 10 * 60_000;

/** How a sender writes labels: bytes to labels, undefined when a name or the whole set is wrong. */
export type ReadLabels = (bytes: Buffer) => Labels | undefined;

export interface AssemblyResult {
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
  /** The first thing that is wrong, in the words of the reference; undefined: nothing is. */
  readonly problem: string | undefined;
  /** Series left out for their labels, samples refused for the limit of series. */
  readonly invalidSeries: number;
  readonly refusedSeries: number;
}

/** One write request on its way from bytes to the store. */
export class WriteAssembly {
  readonly #store: MetricStore;
  readonly #table: SeriesTable;
  readonly #readLabels: ReadLabels;
  readonly #latestMs: number;
  readonly #batch = new SampleBatch();
  /** Entry of the table for each sample, for those whose reference the store has forgotten. */
  #entries: Uint32Array = new Uint32Array(256);
  #generation: number;
  #entry = -1;
  #ref: SeriesRef = refusedSeries;
  #histograms = 0;
  #exemplars = 0;
  #invalidSeries = 0;
  #refused = 0;
  #future = 0;
  #problem: string | undefined;

  constructor(store: MetricStore, table: SeriesTable, readLabels: ReadLabels, nowMs: number) {
    this.#store = store;
    this.#table = table;
    this.#readLabels = readLabels;
    this.#latestMs = nowMs + maxFutureMs;
    this.#generation = table.generation;
  }

  /** The samples that follow are of the series with these label bytes. @returns false: leave it out */
  series(view: DataView, start: number, end: number): boolean {
    const table = this.#table;
    let entry = table.find(view, start, end);
    let ref = entry < 0 ? refusedSeries : table.refAt(entry);
    if (ref === refusedSeries) {
      const labels = this.#readLabels(bytesIn(view, start, end));
      if (labels === undefined) {
        this.#invalidSeries++;
        this.#ref = refusedSeries;
        return false;
      }
      ref = this.#store.seriesRef(labels);
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
    if (this.#ref === refusedSeries) return;
    this.#batch.exemplars ??= [];
    this.#batch.exemplars.push({ ref: this.#ref, exemplar });
    this.#exemplars++;
  }

  /** @throws {AppError} STORE_FULL, STORE_CLOSED; nothing was stored */
  async finish(): Promise<AssemblyResult> {
    const batch = this.#batch;
    let result = await this.#store.append(batch, { durable: true });
    let histograms = this.#histograms;
    let { appended } = result;
    if (result.unknown.length > 0) {
      const again = this.#retry(result.unknown);
      const second = await this.#store.append(again, { durable: true });
      appended += second.appended;
      result = { ...result, first: second.first ?? firstKnown(result) };
    }
    if (result.first !== undefined) this.#problem ??= rejectionText(result.first.reason);
    if (this.#future > 0) this.#problem ??= 'out of bounds';
    histograms = Math.min(histograms, appended);
    return {
      samples: appended - histograms,
      histograms,
      exemplars: this.#exemplars,
      problem: this.#problem,
      invalidSeries: this.#invalidSeries,
      refusedSeries: this.#refused,
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
      const labels = this.#readLabels(this.#table.bytesOf(entry));
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
