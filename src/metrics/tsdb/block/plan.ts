import { blockRangeMs } from '../options.ts';

/** What planning needs to know of a block. */
export interface PlannedBlock {
  readonly id: string;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
  readonly samples: number;
  readonly series: number;
  readonly sizeBytes: number;
  readonly level: number;
  readonly hasTombstones: boolean;
}

/** Each level joins so many blocks of the one below. */
const levelFactor = 3;
const maxRangeMs = 31 * 24 * 3_600_000;
/** Series should have about so many samples in a chunk, or the bytes around them weigh too much. */
const wantedChunkSamples = 240;
const maxSliceMs = 24 * 3_600_000;
/** One merge reads at most so many bytes: it must come to its end, and needs room beside. */
const maxMergeBytes = 64 * 1024 ** 3;

/** Spans of blocks, from the first on: 2 h, 6 h, 18 h, … up to a tenth of the retention or 31 d. */
export function blockRanges(retentionMs: number | undefined): readonly number[] {
  const limit = Math.min(maxRangeMs, retentionMs === undefined ? maxRangeMs : retentionMs / 10);
  const ranges = [blockRangeMs];
  while (ranges.at(-1)! * levelFactor <= limit) ranges.push(ranges.at(-1)! * levelFactor);
  return ranges;
}

export interface MergePlan {
  readonly blocks: readonly PlannedBlock[];
  readonly why: 'overlap' | 'level';
}

/** Which blocks to join next, undefined: none. Overlaps first: queries pay for them. */
export function planMerge(
  blocks: readonly PlannedBlock[],
  retentionMs: number | undefined,
): MergePlan | undefined {
  const sorted = [...blocks].sort((a, b) => a.minTimeMs - b.minTimeMs || a.maxTimeMs - b.maxTimeMs);
  const overlap = firstOverlap(sorted);
  if (overlap !== undefined) return { blocks: overlap, why: 'overlap' };
  const newestMs = Math.max(...sorted.map((block) => block.maxTimeMs));
  for (const range of blockRanges(retentionMs).slice(1)) {
    const groups = Map.groupBy(sorted, (block) => Math.floor(block.minTimeMs / range));
    for (const [number, group] of groups) {
      const end = (number + 1) * range;
      const fits = group.filter((block) => block.maxTimeMs < end);
      const isComplete = newestMs >= end || fits.some((block) => block.maxTimeMs >= end - 1);
      const bytes = fits.reduce((sum, block) => sum + block.sizeBytes, 0);
      if (fits.length > 1 && fits.length === group.length && isComplete && bytes <= maxMergeBytes) {
        return { blocks: fits, why: 'level' };
      }
    }
  }
  return undefined;
}

function firstOverlap(sorted: readonly PlannedBlock[]): readonly PlannedBlock[] | undefined {
  let group: PlannedBlock[] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const block of sorted) {
    if (block.minTimeMs <= end) {
      group.push(block);
      end = Math.max(end, block.maxTimeMs);
    } else {
      if (group.length > 1) return group;
      group = [block];
      end = block.maxTimeMs;
    }
  }
  return group.length > 1 ? group : undefined;
}

/** How wide the slices of a merged block should be. */
export function sliceWidthMs(blocks: readonly PlannedBlock[]): number {
  const samples = blocks.reduce((sum, block) => sum + block.samples, 0);
  const series = Math.max(1, ...blocks.map((block) => block.series));
  const from = Math.min(...blocks.map((block) => block.minTimeMs));
  const to = Math.max(...blocks.map((block) => block.maxTimeMs));
  const ranges = Math.max(1, (to - from) / blockRangeMs);
  let width = blockRangeMs;
  let perChunk = samples / series / ranges;
  while (perChunk < wantedChunkSamples && width * levelFactor <= maxSliceMs) {
    width *= levelFactor;
    perChunk *= levelFactor;
  }
  return width;
}

/** Blocks that retention takes, oldest first. */
export function planRetention(
  blocks: readonly PlannedBlock[],
  limits: {
    readonly retentionMs: number | undefined;
    readonly retentionBytes: number | undefined;
    /** Log and head: counted, never deleted. */
    readonly otherBytes: number;
  },
): readonly PlannedBlock[] {
  const newestFirst = [...blocks].sort((a, b) => b.maxTimeMs - a.maxTimeMs);
  const newestMs = newestFirst[0]?.maxTimeMs ?? 0;
  const { retentionMs, retentionBytes, otherBytes } = limits;
  let bytes = otherBytes;
  let isFull = false;
  const gone = newestFirst.filter((block) => {
    bytes += block.sizeBytes;
    if (retentionBytes !== undefined && bytes > retentionBytes) isFull = true;
    return isFull || (retentionMs !== undefined && newestMs - block.maxTimeMs >= retentionMs);
  });
  return gone.reverse();
}
