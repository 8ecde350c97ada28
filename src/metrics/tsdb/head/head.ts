import {
  type FloatHistogram,
  highWord,
  type Labels,
  lowWord,
  SampleColumns,
  wordsOf,
} from '#metrics/model';
import { maxInt } from '../codec/ints.ts';
import type { AppendResult, Rejection, SampleBatch } from '../contract.ts';
import { SeriesReader } from '../select/reader.ts';
import { SourceList } from '../select/sources.ts';
import { Arena } from './arena.ts';
import { type ChunkHeader, chunkAt, dropChunks } from './chunks.ts';
import { collectSeries } from './collect.ts';
import { equalHistograms } from './equal.ts';
import { closeLate, LateSamples } from './late.ts';
import { HeadSamples } from './samples.ts';
import { hasLateSamples, SeriesTable } from './table.ts';

export interface HeadRules {
  /** How much later than the newest sample a sample out of order may come; 0: not at all. */
  readonly outOfOrderWindowMs: number;
  /** Without a window: how far behind the newest sample a series may begin. */
  readonly maxBehindMs: number;
  /** How far ahead of the clock a sample may be. */
  readonly maxAheadMs: number;
  nowMs(): number;
}

/** What became of a batch, before it is in the log. */
export interface Outcome extends AppendResult {
  /** Marks of samples that must not go into the log; undefined: all go. */
  readonly dropped: Uint8Array | undefined;
}

/** All that is in memory of the newest hours. Knows nothing of files. */
export class Head {
  readonly table: SeriesTable = new SeriesTable();
  readonly arena: Arena = new Arena();
  readonly samples: HeadSamples = new HeadSamples(this.table, this.arena);
  readonly late: Map<number, LateSamples> = new Map();
  readonly rules: HeadRules;
  /** Before it all samples in order are in blocks. */
  minTimeMs: number = Number.NEGATIVE_INFINITY;
  maxTimeMs: number = Number.NEGATIVE_INFINITY;
  /** A block is being written of what is before it: nothing in order may be added there. */
  cutMs: number = Number.NEGATIVE_INFINITY;
  /** Oldest sample that was appended since the last cut. */
  oldestMs: number = Number.POSITIVE_INFINITY;
  appended = 0;
  lateAppended = 0;
  lateChunks = 0;

  constructor(rules: HeadRules) {
    this.rules = rules;
  }

  /** The newest time that counts for windows: a sample from the future must not close them. */
  referenceMs(): number {
    return Math.min(this.maxTimeMs, this.rules.nowMs() + this.rules.maxAheadMs);
  }

  append(batch: SampleBatch): Outcome {
    const { table, samples, rules } = this;
    const { refs, timesMs, values, histograms, startTimesMs } = batch;
    const words = wordsOf(values);
    const result = new Tally(batch.length);
    const floorMs = this.#floorMs();
    const ceilingMs = Math.min(maxInt, rules.nowMs() + rules.maxAheadMs);
    const isPlain = histograms === undefined && startTimesMs === undefined;
    let newest = this.maxTimeMs;
    let oldest = this.oldestMs;
    let appended = 0;
    for (let at = 0; at < batch.length; at++) {
      const row = table.row(refs[at]!);
      const timeMs = timesMs[at]!;
      if (
        isPlain &&
        row !== 0 &&
        table.flags[row] === 0 &&
        timeMs > table.lastTime[row]! &&
        timeMs >= floorMs &&
        timeMs <= ceilingMs &&
        Math.floor(timeMs) === timeMs
      ) {
        samples.push(row, timeMs, values[at]!, words, at);
        appended++;
        if (timeMs > newest) newest = timeMs;
        if (timeMs < oldest) oldest = timeMs;
        continue;
      }
      this.maxTimeMs = newest;
      this.oldestMs = oldest;
      if (row === 0) result.unknownAt(at);
      else {
        const histogram = histograms?.get(at);
        const startMs = startTimesMs?.[at] ?? 0;
        const reason = this.#appendOne(
          row,
          timeMs,
          values,
          words,
          at,
          histogram,
          startMs,
          ceilingMs,
        );
        if (reason === 'stored') appended++;
        else if (reason === 'same') result.drop(at);
        else result.reject(at, reason);
      }
      newest = this.maxTimeMs;
      oldest = this.oldestMs;
    }
    this.maxTimeMs = newest;
    this.oldestMs = oldest;
    this.appended += appended;
    return result.outcome();
  }

  /** Applies what a log holds: it was accepted once, and may be here already. */
  replay(batch: SampleBatch): void {
    const { table } = this;
    const { refs, timesMs, values, histograms, startTimesMs } = batch;
    const words = wordsOf(values);
    for (let at = 0; at < batch.length; at++) {
      const row = table.row(refs[at]!);
      if (row === 0) continue;
      const timeMs = timesMs[at]!;
      const histogram = histograms?.get(at);
      if (timeMs > table.lastTime[row]! && timeMs >= this.minTimeMs) {
        this.#pushInOrder(row, timeMs, values[at]!, words, at, histogram, startTimesMs?.[at] ?? 0);
      } else if (!this.#isStored(row, timeMs)) {
        this.#pushLate(row, timeMs, words, at, histogram);
      }
    }
  }

  /** Closes what is open before a chunk from a log is put behind. */
  chunkLoaded(row: number, minTimeMs: number, maxTimeMs: number): void {
    if (maxTimeMs > this.table.lastTime[row]!) this.table.lastTime[row] = maxTimeMs;
    if (maxTimeMs > this.maxTimeMs) this.maxTimeMs = maxTimeMs;
    if (minTimeMs < this.oldestMs) this.oldestMs = minTimeMs;
  }

  /**
   * Frees samples in order before `timeMs`, which must be in blocks now.
   * @returns rows of series that have nothing left
   */
  dropBefore(timeMs: number): number[] {
    const { table, arena } = this;
    this.minTimeMs = Math.max(this.minTimeMs, timeMs);
    const idle: number[] = [];
    let oldestMs = Number.POSITIVE_INFINITY;
    const isGone = ({ minTimeMs, maxTimeMs }: ChunkHeader): boolean => {
      if (maxTimeMs < timeMs) return true;
      oldestMs = Math.min(oldestMs, Math.max(minTimeMs, timeMs));
      return false;
    };
    for (let row = 1; row < table.rows; row++) {
      if (table.ref[row] === 0) continue;
      const isIdle = table.lastTime[row]! < timeMs;
      if (isIdle) this.samples.closeAny(row);
      const kept = dropChunks(arena, table.lastChunk[row]!, isGone);
      table.lastChunk[row] = kept.newest;
      this.samples.chunks -= kept.dropped;
      if (isIdle && kept.newest === 0 && !this.late.has(row)) idle.push(row);
      else if (!isIdle) oldestMs = Math.min(oldestMs, this.samples.openSinceMs(row));
    }
    this.oldestMs = Math.max(oldestMs, timeMs);
    return idle;
  }

  /** Encodes all late samples. @returns the chunks, by row from the newest on */
  closeLate(): Map<number, number[]> {
    const taken = new Map<number, number[]>();
    for (const [row, late] of this.late) {
      if (late.count > 0) this.lateChunks += closeLate(this.arena, late);
      const addresses: number[] = [];
      for (let address = late.lastChunk; address !== 0; ) {
        addresses.push(address);
        address = chunkAt(this.arena, address).previous;
      }
      taken.set(row, addresses);
    }
    return taken;
  }

  chunkTimes(address: number): { readonly minTimeMs: number; readonly maxTimeMs: number } {
    return chunkAt(this.arena, address);
  }

  /** Frees late chunks, which must be in blocks now. */
  dropLate(taken: ReadonlyMap<number, readonly number[]>): void {
    for (const [row, addresses] of taken) {
      const late = this.late.get(row);
      if (late === undefined) continue;
      const gone = new Set(addresses);
      const kept = dropChunks(this.arena, late.lastChunk, (_, address) => gone.has(address));
      late.lastChunk = kept.newest;
      this.lateChunks -= kept.dropped;
      if (late.lastChunk !== 0 || late.count > 0) continue;
      this.late.delete(row);
      this.table.flags[row]! &= ~hasLateSamples;
    }
  }

  /** Labels of series that were removed while somebody was reading. */
  readonly #removed = new Map<number, Labels>();

  removeSeries(rows: readonly number[]): void {
    if (!this.arena.hasReaders) this.#removed.clear();
    for (const row of rows) {
      if (this.arena.hasReaders) this.#removed.set(this.table.ref[row]!, this.table.labels(row));
      this.samples.forget(row);
    }
    this.table.remove(rows);
  }

  labels(ref: number): Labels | undefined {
    const row = this.table.row(ref);
    return row === 0 ? this.#removed.get(ref) : this.table.labels(row);
  }

  /** Bytes in memory for samples. */
  get sampleBytes(): number {
    return this.arena.usedBytes;
  }

  #floorMs(): number {
    const { outOfOrderWindowMs, maxBehindMs } = this.rules;
    const closedMs = Math.max(this.minTimeMs, this.cutMs);
    if (outOfOrderWindowMs > 0) return closedMs;
    return Math.max(closedMs, this.referenceMs() - maxBehindMs);
  }

  #appendOne(
    row: number,
    timeMs: number,
    values: Float64Array,
    words: Uint32Array,
    at: number,
    histogram: FloatHistogram | undefined,
    startMs: number,
    ceilingMs: number,
  ): Rejection | 'stored' | 'same' {
    const { table, rules } = this;
    const floorMs = this.#floorMs();
    if (!(timeMs <= ceilingMs && timeMs >= -maxInt) || Math.floor(timeMs) !== timeMs) {
      return 'outOfBounds';
    }
    if (timeMs > table.lastTime[row]! && timeMs >= floorMs) {
      this.#pushInOrder(row, timeMs, values[at]!, words, at, histogram, startMs);
      return 'stored';
    }
    const same = this.#compare(row, timeMs, words, at, histogram);
    if (same !== undefined) return same;
    const { outOfOrderWindowMs } = rules;
    if (outOfOrderWindowMs > 0 && timeMs >= this.referenceMs() - outOfOrderWindowMs) {
      this.#pushLate(row, timeMs, words, at, histogram);
      return 'stored';
    }
    if (outOfOrderWindowMs > 0) return 'tooOld';
    return timeMs < floorMs ? 'outOfBounds' : 'outOfOrder';
  }

  #pushInOrder(
    row: number,
    timeMs: number,
    value: number,
    words: Uint32Array,
    at: number,
    histogram: FloatHistogram | undefined,
    startMs: number,
  ): void {
    if (histogram !== undefined) this.samples.pushHistogram(row, timeMs, histogram, startMs);
    else if (startMs === 0 && this.table.flags[row] === 0) {
      this.samples.push(row, timeMs, value, words, at);
    } else this.samples.pushChange(row, timeMs, value, words, at, startMs);
    if (timeMs > this.maxTimeMs) this.maxTimeMs = timeMs;
    if (timeMs < this.oldestMs) this.oldestMs = timeMs;
  }

  #pushLate(
    row: number,
    timeMs: number,
    words: Uint32Array,
    at: number,
    histogram: FloatHistogram | undefined,
  ): void {
    let late = this.late.get(row);
    if (late === undefined) {
      late = new LateSamples();
      this.late.set(row, late);
      this.table.flags[row]! |= hasLateSamples;
    }
    if (late.isFull) this.lateChunks += closeLate(this.arena, late);
    late.add(timeMs, words, at, histogram);
    this.lateAppended++;
  }

  readonly #seen = new SampleColumns();

  /** Reads what the head has of a series at one time. @returns index into `#seen`, -1: nothing */
  #lookUp(row: number, timeMs: number): number {
    if (timeMs > this.table.lastTime[row]! && !this.late.has(row)) return -1;
    const sources = new SourceList(this.arena.pages.slice());
    collectSeries(this, row, timeMs, timeMs, sources);
    if (sources.length === 0) return -1;
    const reader = new SeriesReader({
      ...sources.take(),
      starts: Uint32Array.of(0, sources.length),
      fromMs: timeMs,
      toMs: timeMs,
      clipMs: this.minTimeMs,
      tombstones: [],
    });
    reader.read(0, this.#seen);
    return this.#seen.count - 1;
  }

  #isStored(row: number, timeMs: number): boolean {
    return this.#lookUp(row, timeMs) >= 0;
  }

  #compare(
    row: number,
    timeMs: number,
    words: Uint32Array,
    at: number,
    histogram: FloatHistogram | undefined,
  ): 'same' | 'duplicate' | undefined {
    const index = this.#lookUp(row, timeMs);
    if (index < 0) return undefined;
    const known = this.#seen.histograms?.[index];
    if (known !== undefined || histogram !== undefined) {
      const isSame =
        known !== undefined && histogram !== undefined && equalHistograms(known, histogram);
      return isSame ? 'same' : 'duplicate';
    }
    const seen = wordsOf(this.#seen.values);
    const isSame =
      seen[index * 2 + lowWord] === words[at * 2 + lowWord] &&
      seen[index * 2 + highWord] === words[at * 2 + highWord];
    return isSame ? 'same' : 'duplicate';
  }
}

/** Counts what happens to the samples of a batch. */
class Tally {
  readonly #length: number;
  readonly #rejected: Record<Rejection, number> = {
    outOfOrder: 0,
    outOfBounds: 0,
    tooOld: 0,
    duplicate: 0,
    unknownSeries: 0,
  };
  #first: { readonly index: number; readonly reason: Rejection } | undefined;
  readonly #unknown: number[] = [];
  #dropped: Uint8Array | undefined;
  #refused = 0;

  constructor(length: number) {
    this.#length = length;
  }

  drop(at: number): void {
    this.#dropped ??= new Uint8Array(this.#length);
    this.#dropped[at] = 1;
  }

  reject(at: number, reason: Rejection): void {
    this.drop(at);
    this.#rejected[reason]++;
    this.#refused++;
    this.#first ??= { index: at, reason };
  }

  unknownAt(at: number): void {
    this.reject(at, 'unknownSeries');
    this.#unknown.push(at);
  }

  outcome(): Outcome {
    return {
      appended: this.#length - this.#refused,
      rejected: this.#rejected,
      first: this.#first,
      unknown: this.#unknown,
      dropped: this.#dropped,
    };
  }
}
