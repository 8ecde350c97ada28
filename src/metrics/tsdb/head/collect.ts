import { ByteWriter } from '../codec/bytes.ts';
import { histogramChunk, openChunk } from '../codec/chunk.ts';
import { encodeHistograms } from '../codec/histograms.ts';
import type { SourceList } from '../select/sources.ts';
import { byteOf, pageOf } from './arena.ts';
import { chunkAt, chunkHeaderBytes } from './chunks.ts';
import type { Head } from './head.ts';
import { encodeLate } from './late.ts';
import { hasOpenHistogram } from './table.ts';

/** Chunks of one series, oldest first; grows with the longest. */
const addresses: number[] = [];

/** Adds what the head holds of a series between two times (inclusive) to `into`, in order of time. */
export function collectSeries(
  head: Head,
  row: number,
  fromMs: number,
  toMs: number,
  into: SourceList,
  withLate = true,
): void {
  const { table, arena } = head;
  const lastTime = table.lastTime[row]!;
  const clipFrom = Math.max(fromMs, head.minTimeMs);
  if (lastTime >= clipFrom && toMs >= clipFrom) {
    addresses.length = 0;
    for (let address = table.lastChunk[row]!; address !== 0; ) {
      // Read in place, without the header as an object: queries do this for every chunk.
      const page = pageOf(address);
      const byte = byteOf(address);
      const doubles = arena.doubles[page]!;
      if (doubles[byte / 8 + 3]! < clipFrom) break;
      if (doubles[byte / 8 + 2]! <= toMs) addresses.push(address);
      address = arena.words[page]![byte / 4]!;
    }
    for (let at = addresses.length - 1; at >= 0; at--) addChunk(head, addresses[at]!, true, into);
    const count = table.openCount[row]!;
    if (table.openBytes[row] !== 0 && count > 0) {
      const address = table.openAddress[row]!;
      const size = table.openBytes[row]!;
      into.add(pageOf(address), byteOf(address), size, count, openChunk, true);
    }
    if ((table.flags[row]! & hasOpenHistogram) !== 0) addOpenHistograms(head, row, into);
  }
  const late = withLate ? head.late.get(row) : undefined;
  if (late === undefined) return;
  for (let address = late.lastChunk; address !== 0; ) {
    const { minTimeMs, maxTimeMs, previous } = chunkAt(arena, address);
    if (minTimeMs <= toMs && maxTimeMs >= fromMs) addChunk(head, address, false, into);
    address = previous;
  }
  for (const { kind, count, minTimeMs, maxTimeMs, payload } of encodeLate(late)) {
    if (minTimeMs <= toMs && maxTimeMs >= fromMs) into.addCopy(payload, count, kind, false);
  }
}

/** Adds late chunks that were taken from the list of a series. */
export function collectLate(head: Head, addresses: readonly number[], into: SourceList): void {
  for (const address of addresses) addChunk(head, address, false, into);
}

function addChunk(head: Head, address: number, clipped: boolean, into: SourceList): void {
  const page = pageOf(address);
  const byte = byteOf(address);
  const words = head.arena.words[page]!;
  const bytes = words[byte / 4 + 1]!;
  const packed = words[byte / 4 + 2]!;
  const kind = (packed >>> 16) & 0xff;
  into.add(page, byte + chunkHeaderBytes, bytes, packed & 0xffff, kind, clipped);
}

function addOpenHistograms(head: Head, row: number, into: SourceList): void {
  const open = head.samples.openHistograms.get(row);
  if (open === undefined) return;
  const out = new ByteWriter(4096);
  const count = open.timesMs.length;
  const starts = open.startTimesMs === undefined ? undefined : Float64Array.from(open.startTimesMs);
  encodeHistograms(out, Float64Array.from(open.timesMs), open.histograms, starts, count);
  into.addCopy(out.written(), count, histogramChunk, true);
}
