import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type FloatHistogram, type Labels, SampleColumns, wordsOf } from '#metrics/model';
import { ByteWriter } from '../codec/bytes.ts';
import { encodeFloats, floatChunk, histogramChunk } from '../codec/chunk.ts';
import { encodeHistograms } from '../codec/histograms.ts';
import { FoundSeries, type SelectPart } from '../select/found.ts';
import { eachMerged } from '../select/merged-order.ts';
import { SeriesReader } from '../select/reader.ts';
import { SourceList } from '../select/sources.ts';
import { collectRow, type LoadedSlice, readTombstones } from './block.ts';
import { unpack } from './format.ts';
import { loadGroup } from './groups.ts';
import { BlockIndex, groupOf, placesOf, read } from './index-file.ts';
import type { BlockWriter } from './writer.ts';

/** Chunks of a block hold at most so many samples: a query decodes whole chunks. */
const maxChunkSamples = 1920;
/** Histograms are large: fewer a chunk. */
const maxHistogramSamples = 120;

/** What a thread reads from: closes what it opened. */
export interface SyncPart extends SelectPart {
  close(): void;
}

/** All series of a block, read row by row in order, on the thread that calls. */
export function openSyncBlock(folder: string): SyncPart {
  const index = BlockIndex.open(folder);
  const path = join(folder, 'chunks');
  const file = openSync(path, 'r');
  const tombstones = readTombstones(folder);
  const slices: LoadedSlice[] = index.directory.slices.map((_, at) => ({
    table: index.slice(at),
    groups: new Map(),
  }));
  const ids = Uint32Array.from({ length: index.series }, (_, row) => row);
  return {
    found: new FoundSeries(ids, (row) => index.labels(row)),
    collect: (row, into) => {
      for (const { table, groups } of slices) {
        const [from, to] = placesOf(table, row);
        if (from === to) continue;
        // Rows come in order: what was before this one is not needed again. It may span many groups itself.
        const first = groupOf(table, from);
        for (const old of groups.keys()) if (old < first) groups.delete(old);
        for (let place = from; place < to; place++) {
          const group = groupOf(table, place);
          if (groups.has(group)) continue;
          const size = table.sizes[group]!;
          const stored = read(file, table.offsets[group]!, size);
          const section = { size, rawSize: table.rawSizes[group]!, crc: table.crcs[group]! };
          groups.set(group, loadGroup(unpack(stored, section, path)));
        }
      }
      collectRow(slices, row, into);
    },
    tombstones: (row) => tombstones.get(row),
    close: () => {
      index.close();
      closeSync(file);
    },
  };
}

export interface RewriteOptions {
  /** Samples outside are left out. Both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Before it sources in order of the head do not count. */
  readonly clipMs?: number;
  /** Width of the slices. */
  readonly sliceMs: number;
  /** Between series, for progress. */
  onSeries?(done: number): void;
}

/** Reads the series of all parts, merged, and writes them. Series without samples are left out. */
export function rewriteSeries(
  parts: readonly SelectPart[],
  buffers: readonly SharedArrayBuffer[],
  writer: BlockWriter,
  options: RewriteOptions,
): void {
  const columns = new SampleColumns();
  const { fromMs, toMs, clipMs = Number.NEGATIVE_INFINITY, sliceMs } = options;
  let done = 0;
  eachMerged(parts, (members) => {
    const sources = new SourceList(buffers.slice());
    let ranges: number[] = [];
    for (const [part, index] of members) {
      const id = part.found.ids[index]!;
      part.collect(id, sources);
      ranges = ranges.concat(part.tombstones(id) ?? []);
    }
    done++;
    options.onSeries?.(done);
    if (sources.length === 0) return;
    const reader = new SeriesReader({
      ...sources.take(),
      starts: Uint32Array.of(0, sources.length),
      fromMs,
      toMs,
      clipMs,
      tombstones: ranges.length === 0 ? [] : [[0, ranges]],
    });
    reader.read(0, columns);
    if (columns.count === 0) return;
    const [part, index] = members[0]!;
    writeSamples(writer, part.found.labels(index), columns, sliceMs);
  });
}

const out = new ByteWriter(64 * 1024);
let times = new Float64Array(maxChunkSamples);
let values = new Float64Array(maxChunkSamples);
let starts = new Float64Array(maxChunkSamples);

/** Writes a series with all of its samples, cut into slices and chunks. */
export function writeSamples(
  writer: BlockWriter,
  labels: Labels,
  columns: SampleColumns,
  sliceMs: number,
): void {
  const row = writer.addSeries(labels);
  const { count, timesMs, histograms } = columns;
  let from = 0;
  while (from < count) {
    const slice = Math.floor(timesMs[from]! / sliceMs) * sliceMs;
    const isHistogram = histograms?.[from] !== undefined;
    const limit = from + (isHistogram ? maxHistogramSamples : maxChunkSamples);
    let to = from + 1;
    while (
      to < count &&
      to < limit &&
      timesMs[to]! < slice + sliceMs &&
      (histograms?.[to] !== undefined) === isHistogram
    ) {
      to++;
    }
    encodeRange(columns, from, to, isHistogram);
    const kind = isHistogram ? histogramChunk : floatChunk;
    writer.addChunk(slice, row, kind, to - from, timesMs[from]!, timesMs[to - 1]!, out.written());
    from = to;
  }
}

function encodeRange(columns: SampleColumns, from: number, to: number, isHistogram: boolean): void {
  const count = to - from;
  if (times.length < count) {
    times = new Float64Array(count);
    values = new Float64Array(count);
    starts = new Float64Array(count);
  }
  times.set(columns.timesMs.subarray(from, to));
  const known = columns.startTimesMs?.subarray(from, to);
  if (known !== undefined) starts.set(known);
  const hasStarts = known?.some((start) => start !== 0) === true;
  out.reset();
  if (isHistogram) {
    const some = columns.histograms!.slice(from, to) as FloatHistogram[];
    encodeHistograms(out, times, some, hasStarts ? starts : undefined, count);
    return;
  }
  wordsOf(values).set(wordsOf(columns.values).subarray(from * 2, to * 2));
  encodeFloats(out, times, values, hasStarts ? starts : undefined, count);
}
