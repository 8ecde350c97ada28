import type { SegmentState } from './state.ts';

/** A merge holds its rows in memory: this bounds it, and with it the size of a segment. */
export const maxMergedBytes: number = 128 * 1024 * 1024;
const maxMergedSegments = 64;
const minMergedSegments = 4;
/** Retention drops whole segments, so that a segment's span delays the end of its oldest rows. */
const maxSpanMs = 86_400_000;

/**
 * Segments to be merged into one: neighbours in time, none of which makes up more than half of the
 * result, so that a row is rewritten a logarithmic number of times. Undefined: nothing to do.
 */
export function planMerge(segments: Iterable<SegmentState>): readonly SegmentState[] | undefined {
  const small = [...segments]
    .filter((segment) => segment.messageBytes < maxMergedBytes / 2)
    .sort((a, b) => a.maxMs - b.maxMs || a.id - b.id);
  for (let start = 0; start + minMergedSegments <= small.length; start++) {
    let bytes = 0;
    let largest = 0;
    let minMs = Number.POSITIVE_INFINITY;
    let best: readonly SegmentState[] | undefined;
    for (let end = start; end < small.length && end - start < maxMergedSegments; end++) {
      const segment = small[end]!;
      bytes += segment.messageBytes;
      largest = Math.max(largest, segment.messageBytes);
      minMs = Math.min(minMs, segment.minMs);
      const alreadyWide = segment.maxMs - segment.minMs > maxSpanMs;
      if (bytes > maxMergedBytes) break;
      if (!alreadyWide && segment.maxMs - minMs > maxSpanMs) break;
      if (end - start + 1 >= minMergedSegments && bytes >= largest * 2) {
        best = small.slice(start, end + 1);
      }
    }
    if (best !== undefined) return best;
  }
  return undefined;
}
