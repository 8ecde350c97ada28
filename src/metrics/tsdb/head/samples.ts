import { type FloatHistogram, highWord, lowWord } from '#metrics/model';
import { ByteReader, ByteWriter } from '../codec/bytes.ts';
import { encodeFloats, floatChunk, histogramChunk, newTarget } from '../codec/chunk.ts';
import { encodeHistograms } from '../codec/histograms.ts';
import { maxInt, powersOfTen } from '../codec/ints.ts';
import {
  decodeOpen,
  fitsScale,
  maxTokenBytes,
  putUvarint,
  rawScale,
  rescaled,
  startTimeChanged,
  toRaw,
  zigzag,
} from '../codec/open.ts';
import { exponentOf } from '../codec/values.ts';
import { type Arena, byteOf, pageOf } from './arena.ts';
import { dropChunks, storeChunk } from './chunks.ts';
import { hasOpenHistogram, hasStartTime, type SeriesTable } from './table.ts';

/** A chunk is closed at so many samples, 30 minutes at a 15 s interval: the reference's measure. */
export const maxChunkSamples = 120;
/** The open chunk takes the next of these sizes when it is full, and is closed after the last. */
const openSizes: readonly number[] = [64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512];
/** Open histograms are objects: few of them, so that they do not become many bytes. */
const maxOpenHistograms = 60;
const maxOpenBuckets = 8192;
/** Larger steps do not fit a token: the chunk is closed. */
const maxStep = 2 ** 50;

export interface OpenHistograms {
  timesMs: number[];
  histograms: FloatHistogram[];
  startTimesMs: number[] | undefined;
  buckets: number;
}

const scratch = newTarget(maxChunkSamples + 1);
const scratchOut = new ByteWriter(4096);
const scratchReader = new ByteReader();
const wordsScratch = new Uint32Array(2);

/** The samples of the head in order of time: an open chunk a series, and closed ones behind it. */
export class HeadSamples {
  readonly arena: Arena;
  readonly table: SeriesTable;
  readonly openHistograms: Map<number, OpenHistograms> = new Map();
  /** Start time that the open chunk of a row goes on with. */
  readonly #startTimes = new Map<number, number>();
  /** Closed chunks. */
  chunks = 0;

  constructor(table: SeriesTable, arena: Arena) {
    this.table = table;
    this.arena = arena;
  }

  /**
   * Appends a float sample behind the last one of its series, which has no open histogram and no start
   * time. `words` hold the value's bits at `index`.
   */
  push(row: number, timeMs: number, value: number, words: Uint32Array, index: number): void {
    const { table } = this;
    const scale = table.scale[row]!;
    const bytes = table.openBytes[row]!;
    if (
      scale !== rawScale &&
      bytes !== 0 &&
      bytes + 5 <= table.openCapacity[row]! &&
      timeMs - table.lastTime[row]! === table.lastInterval[row]!
    ) {
      const power = powersOfTen[scale]!;
      const integer = scale === 0 ? value : Math.round(value * power);
      const delta = integer - table.lastInteger[row]!;
      const isExact = scale === 0 ? Math.floor(value) === value : integer / power === value;
      if (
        isExact &&
        delta > -0x80_0000 &&
        delta < 0x80_0000 &&
        integer <= maxInt &&
        integer >= -maxInt &&
        (value !== 0 || words[index * 2 + highWord] === 0)
      ) {
        const address = table.openAddress[row]!;
        const view = this.arena.views[pageOf(address)]!;
        let at = byteOf(address) + bytes;
        const start = at;
        // Even: nothing but the value changes.
        let token = delta < 0 ? -4 * delta - 2 : 4 * delta;
        while (token >= 128) {
          view[at++] = (token & 127) | 128;
          token >>>= 7;
        }
        view[at++] = token;
        table.openBytes[row] = bytes + at - start;
        table.lastTime[row] = timeMs;
        table.lastInteger[row] = integer;
        if (++table.openCount[row]! >= maxChunkSamples) this.close(row);
        return;
      }
    }
    this.pushChange(row, timeMs, value, words, index, 0);
  }

  /** As `push`, for whatever the fast way does not take. @param startTimeMs 0: unknown */
  pushChange(
    row: number,
    timeMs: number,
    value: number,
    words: Uint32Array,
    index: number,
    startTimeMs: number,
  ): void {
    const { table } = this;
    if ((table.flags[row]! & hasOpenHistogram) !== 0) this.#closeHistograms(row);
    let isFirst = table.openBytes[row] === 0;
    let interval = isFirst ? 0 : timeMs - table.lastTime[row]!;
    if (!isFirst) {
      const isFar = Math.abs(interval - table.lastInterval[row]!) > maxStep;
      if (isFar || !this.#hasRoom(row)) {
        this.close(row);
        isFirst = true;
        interval = 0;
      }
    }
    if (isFirst) this.#begin(row, timeMs);
    const change = interval - (isFirst ? 0 : table.lastInterval[row]!);
    // A new chunk begins at scale 0; the scale of the last one is the best guess.
    const before = isFirst ? 0 : table.scale[row]!;
    const scale = this.#scaleFor(row, value, before, isFirst);
    const isRaw = scale === rawScale;
    let flags = 0;
    if (isRaw && before !== rawScale) flags |= toRaw;
    else if (scale !== before) flags |= rescaled;
    const known = isFirst ? 0 : (this.#startTimes.get(row) ?? 0);
    if (startTimeMs !== known) {
      flags |= startTimeChanged;
      this.#startTimes.set(row, startTimeMs);
      table.flags[row]! |= hasStartTime;
    }
    let last = isFirst ? 0 : table.lastInteger[row]!;
    if ((flags & rescaled) !== 0) last *= powersOfTen[scale]! / powersOfTen[before]!;
    const integer = isRaw ? 0 : Math.round(value * powersOfTen[scale]!);
    const delta = isRaw ? 0 : integer - last;
    const address = table.openAddress[row]!;
    const view = this.arena.views[pageOf(address)]!;
    const origin = byteOf(address);
    let at = origin + table.openBytes[row]!;
    const isPlain = flags === 0 && Math.abs(delta) < maxStep;
    if (before !== rawScale) {
      const token = isPlain ? zigzag(delta) * 2 : 0;
      at = putUvarint(view, at, isPlain && change === 0 && !isRaw ? token : token + 1);
    }
    if (!isPlain) {
      view[at++] = 0;
      view[at++] = flags;
      if ((flags & rescaled) !== 0) view[at++] = scale;
      if ((flags & startTimeChanged) !== 0) at = putF64(view, at, startTimeMs);
      at = putUvarint(view, at, zigzag(change));
      if (!isRaw) at = putUvarint(view, at, zigzag(delta));
    } else if (change !== 0 || isRaw) {
      at = putUvarint(view, at, zigzag(change) + 1);
    }
    if (isRaw) {
      at = putU32(view, at, words[index * 2 + lowWord]!);
      at = putU32(view, at, words[index * 2 + highWord]!);
    }
    table.openBytes[row] = at - origin;
    table.lastTime[row] = timeMs;
    table.lastInterval[row] = interval;
    table.lastInteger[row] = integer;
    table.scale[row] = scale;
    if (++table.openCount[row]! >= maxChunkSamples) this.close(row);
  }

  pushHistogram(row: number, timeMs: number, histogram: FloatHistogram, startTimeMs: number): void {
    const { table } = this;
    if (table.openBytes[row] !== 0) this.close(row);
    let open = this.openHistograms.get(row);
    if (open === undefined) {
      open = { timesMs: [], histograms: [], startTimesMs: undefined, buckets: 0 };
      this.openHistograms.set(row, open);
      table.flags[row]! |= hasOpenHistogram;
    }
    if (startTimeMs !== 0) open.startTimesMs ??= open.timesMs.map(() => 0);
    open.startTimesMs?.push(startTimeMs);
    open.timesMs.push(timeMs);
    open.histograms.push(histogram);
    open.buckets += histogram.positiveBuckets.length + histogram.negativeBuckets.length;
    table.lastTime[row] = timeMs;
    if (open.timesMs.length >= maxOpenHistograms || open.buckets > maxOpenBuckets) {
      this.#closeHistograms(row);
    }
  }

  /** Time of the first open sample, Infinity without one. */
  openSinceMs(row: number): number {
    if ((this.table.flags[row]! & hasOpenHistogram) !== 0) {
      return this.openHistograms.get(row)?.timesMs[0] ?? Number.POSITIVE_INFINITY;
    }
    if (this.table.openBytes[row] === 0) return Number.POSITIVE_INFINITY;
    const address = this.table.openAddress[row]!;
    return this.arena.doubles[pageOf(address)]![byteOf(address) / 8]!;
  }

  /** Frees all that a series has. */
  forget(row: number): void {
    const { table, arena } = this;
    if (table.openAddress[row] !== 0) {
      arena.free(table.openAddress[row]!, table.openCapacity[row]!);
      table.openAddress[row] = 0;
    }
    this.openHistograms.delete(row);
    this.#startTimes.delete(row);
    const { dropped } = dropChunks(arena, table.lastChunk[row]!, () => true);
    table.lastChunk[row] = 0;
    this.chunks -= dropped;
  }

  /** Closes what is open. */
  closeAny(row: number): void {
    if (this.table.openBytes[row] !== 0) this.close(row);
    if ((this.table.flags[row]! & hasOpenHistogram) !== 0) this.#closeHistograms(row);
  }

  /** Encodes the open chunk and puts it before the list of closed ones. */
  close(row: number): void {
    const { table, arena } = this;
    const count = table.openCount[row]!;
    const address = table.openAddress[row]!;
    scratch.startTimesMs = undefined;
    scratchReader.bytes = arena.views[pageOf(address)]!;
    scratchReader.at = byteOf(address);
    decodeOpen(scratchReader, count, scratch, 0);
    scratchOut.reset();
    encodeFloats(scratchOut, scratch.timesMs, scratch.values, scratch.startTimesMs, count);
    arena.free(address, table.openCapacity[row]!);
    // The capacity stays, as a guess for the next one.
    table.openAddress[row] = 0;
    table.openBytes[row] = 0;
    table.openCount[row] = 0;
    this.#startTimes.delete(row);
    this.#store(row, floatChunk, scratch.timesMs, count);
  }

  #closeHistograms(row: number): void {
    const open = this.openHistograms.get(row);
    this.openHistograms.delete(row);
    this.table.flags[row]! &= ~hasOpenHistogram;
    if (open === undefined) return;
    const times = Float64Array.from(open.timesMs);
    const starts =
      open.startTimesMs === undefined ? undefined : Float64Array.from(open.startTimesMs);
    scratchOut.reset();
    encodeHistograms(scratchOut, times, open.histograms, starts, times.length);
    this.#store(row, histogramChunk, times, times.length);
  }

  #store(row: number, kind: number, timesMs: Float64Array, count: number): void {
    const { table } = this;
    this.addChunk(row, kind, count, timesMs[0]!, timesMs[count - 1]!, scratchOut.written(), 0);
    table.lastInterval[row] = 0;
  }

  /** Puts an encoded chunk behind all others of its series. */
  addChunk(
    row: number,
    kind: number,
    count: number,
    minTimeMs: number,
    maxTimeMs: number,
    payload: Uint8Array,
    file: number,
  ): void {
    const previous = this.table.lastChunk[row]!;
    this.table.lastChunk[row] = storeChunk(
      this.arena,
      { previous, count, kind, minTimeMs, maxTimeMs, file },
      payload,
    );
    this.chunks++;
  }

  #begin(row: number, timeMs: number): void {
    const { table } = this;
    const capacity = table.openCapacity[row] || openSizes[0]!;
    const address = this.arena.allocate(capacity);
    putF64(this.arena.views[pageOf(address)]!, byteOf(address), timeMs);
    table.openAddress[row] = address;
    table.openCapacity[row] = capacity;
    table.openBytes[row] = 8;
    table.openCount[row] = 0;
  }

  /** Whether a token of any size fits, after taking the next size where needed. */
  #hasRoom(row: number): boolean {
    const { table, arena } = this;
    const bytes = table.openBytes[row]!;
    const capacity = table.openCapacity[row]!;
    if (bytes + maxTokenBytes <= capacity) return true;
    const larger = openSizes.find((size) => size >= bytes + maxTokenBytes);
    if (larger === undefined) return false;
    const from = table.openAddress[row]!;
    const to = arena.allocate(larger);
    const source = arena.views[pageOf(from)]!;
    const start = byteOf(from);
    arena.views[pageOf(to)]!.set(source.subarray(start, start + bytes), byteOf(to));
    arena.free(from, capacity);
    table.openAddress[row] = to;
    table.openCapacity[row] = larger;
    return true;
  }

  #scaleFor(row: number, value: number, before: number, isFirst: boolean): number {
    const { table } = this;
    if (before === rawScale) return rawScale;
    const guess = table.scale[row]!;
    const from = isFirst && guess !== rawScale ? guess : before;
    if (fitsScale(value, from)) return from;
    const scale = exponentOf(value, from);
    if (scale < 0) return rawScale;
    const last = isFirst ? 0 : table.lastInteger[row]! * (powersOfTen[scale]! / powersOfTen[from]!);
    return Math.abs(last) <= maxInt ? scale : rawScale;
  }
}

const f64Scratch = new Float64Array(wordsScratch.buffer);

function putU32(view: Uint8Array, start: number, value: number): number {
  view[start] = value;
  view[start + 1] = value >>> 8;
  view[start + 2] = value >>> 16;
  view[start + 3] = value >>> 24;
  return start + 4;
}

function putF64(view: Uint8Array, start: number, value: number): number {
  f64Scratch[0] = value;
  putU32(view, start, wordsScratch[0]!);
  return putU32(view, start + 4, wordsScratch[1]!);
}
