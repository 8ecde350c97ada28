import type { Catalog } from './catalog.ts';
import type { ScanPart, ScanRequest } from './contract.ts';
import type { Extract } from './extract.ts';
import { releaseSnapshot, type Snapshot } from './fresh.ts';
import type { Ingest } from './ingest.ts';
import type { Registry } from './registry.ts';
import { planPart, type ScanFile } from './scan.ts';
import { sqlInteger, sqlText } from './sql.ts';
import type { GroupState, SegmentState } from './state.ts';

const dayMs = 86_400_000;

/** Beyond this many wanted blocks the list costs more than the blocks it skips. */
const maxNamedBlocks = 64;

export interface ScanPlan {
  readonly parts: readonly ScanPart[];
  readonly totalEvents: number;
  readonly totalBytes: number;
  /** Must be called once, when the files are no longer read. */
  readonly release: () => void;
}

export interface PlannerDeps {
  readonly catalog: Catalog;
  readonly registry: Registry;
  readonly ingest: Ingest;
  /** For fresh events; the second where the first has no room. */
  readonly snapshotDirectories: readonly string[];
  readonly nextId: () => number;
  readonly nowMs: () => number;
}

/** The id of a segment's block in its `blk` column. */
export const blockIdOf = (segmentId: number, block: number): number => segmentId * 65_536 + block;

/** The oldest time that a group still shows. */
export function expiryMs(group: GroupState, nowMs: number): number {
  return group.retentionDays === undefined
    ? Number.NEGATIVE_INFINITY
    : nowMs - group.retentionDays * dayMs;
}

/** Decides which files a scan reads, and holds them until it is released. */
export function planScan(
  request: ScanRequest,
  deps: PlannerDeps & {
    /** Blocks of a segment that may hold the wanted texts; undefined: any may. */
    readonly blocksWith: (segment: SegmentState) => readonly number[] | undefined;
    /** Files that stand for segments, by group. */
    readonly extracts: ReadonlyMap<string, Extract>;
  },
): ScanPlan {
  const { registry, ingest } = deps;
  const parts: ScanPart[] = [];
  const segments: SegmentState[] = [];
  const snapshots: Snapshot[] = [];
  let totalEvents = 0;
  let totalBytes = 0;
  const release = (): void => {
    for (const segment of segments) registry.releaseSegment(segment);
    for (const snapshot of snapshots) releaseSnapshot(snapshot);
  };
  const nowMs = deps.nowMs();
  try {
    for (const name of new Set(request.groups)) {
      const group = registry.must(name);
      const row = {
        fromMs: Math.max(request.fromMs, expiryMs(group, nowMs)),
        toMs: request.toMs,
        streams: request.streams,
        streamPrefix: request.streamPrefix,
      };
      if (request.streams?.length === 0 || row.fromMs > row.toMs) continue;
      const take = (file: ScanFile, share: number): void => {
        totalEvents += file.events;
        totalBytes += file.messageBytes;
        if (share === 0) return;
        parts.push(
          planPart(row, {
            ...file,
            events: Math.ceil(file.events * share),
            messageBytes: Math.ceil(file.messageBytes * share),
          }),
        );
      };
      const wanted = wantedStreams(group, request);
      const withStreams =
        wanted === undefined ? undefined : deps.catalog.segmentsWithStreams(group.id, wanted);
      // Rows of a segment that was merged since are in another segment by now.
      const made = deps.extracts.get(name);
      const isCurrent = made !== undefined && [...made.segments].every((one) => !one.retired);
      const extract = isCurrent ? made : undefined;
      if (extract?.file !== undefined) {
        extract.file.users += 1;
        snapshots.push(extract.file);
        parts.push(planPart(row, snapshotFile(extract.file, hiddenCondition(group, 0))));
      }
      for (const segment of group.segments.values()) {
        if (segment.maxMs < row.fromMs || segment.minMs > row.toMs) continue;
        if (withStreams?.has(segment.id) === false) continue;
        if (extract?.segments.has(segment) === true) {
          totalEvents += segment.events;
          totalBytes += segment.messageBytes;
          continue;
        }
        const blocks = deps.blocksWith(segment);
        const hidden = hiddenCondition(group, segment.minSequence);
        const share = blocks === undefined ? 1 : blocks.length / segment.blocks;
        if (share > 0) {
          segment.users += 1;
          segments.push(segment);
        }
        const named =
          blocks === undefined || share === 1 ? [] : blocksConditions(segment.id, blocks);
        const useful = named.length > 0 && named.length <= maxNamedBlocks;
        take(
          { ...segment, condition: hidden, ...(useful ? { blockConditions: named } : {}) },
          share,
        );
      }
      for (const generation of ingest.generations) {
        const fresh = generation.groups.get(name);
        if (fresh === undefined || fresh.rows === 0) continue;
        if (fresh.maxMs < row.fromMs || fresh.minMs > row.toMs) continue;
        for (const snapshot of fresh.snapshots(deps.snapshotDirectories, deps.nextId)) {
          if (snapshot.maxMs < row.fromMs || snapshot.minMs > row.toMs) continue;
          snapshot.users += 1;
          snapshots.push(snapshot);
          take(snapshotFile(snapshot, hiddenCondition(group, 0)), 1);
        }
      }
    }
  } catch (error) {
    release();
    throw error;
  }
  parts.sort((a, b) => b.maxMs - a.maxMs);
  return { parts, totalEvents, totalBytes, release };
}

function snapshotFile(snapshot: Snapshot, condition: string): ScanFile {
  return {
    path: snapshot.path,
    events: snapshot.rows,
    messageBytes: snapshot.bytes - snapshot.rows * 4,
    minMs: snapshot.minMs,
    maxMs: snapshot.maxMs,
    condition,
  };
}

/** Names to look segments up by; undefined where every segment is to be read. */
function wantedStreams(group: GroupState, request: ScanRequest): readonly string[] | undefined {
  const { streams, streamPrefix } = request;
  if (streams === undefined && streamPrefix === undefined) return undefined;
  const names = streams ?? [...group.streams.keys()];
  return streamPrefix === undefined ? names : names.filter((name) => name.startsWith(streamPrefix));
}

function hiddenCondition(group: GroupState, minSequence: number): string {
  const terms: string[] = [];
  for (const [stream, below] of group.hidden) {
    if (minSequence >= below) continue;
    terms.push(`NOT (log_stream = ${sqlText(stream)} AND seq < ${sqlInteger(below)})`);
  }
  return terms.join(' AND ');
}

/** One condition per run of neighbouring blocks. */
function blocksConditions(segmentId: number, blocks: readonly number[]): string[] {
  const terms: string[] = [];
  for (let i = 0; i < blocks.length; ) {
    let end = i;
    while (end + 1 < blocks.length && blocks[end + 1] === blocks[end]! + 1) end++;
    const first = sqlInteger(blockIdOf(segmentId, blocks[i]!));
    const last = sqlInteger(blockIdOf(segmentId, blocks[end]!));
    terms.push(i === end ? `blk = ${first}` : `(blk >= ${first} AND blk <= ${last})`);
    i = end + 1;
  }
  return terms;
}
