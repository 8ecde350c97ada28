import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchSection } from '#logs/batch';
import { BlockBuilder } from './parquet/block.ts';
import { ParquetWriter } from './parquet/writer.ts';

/** Snapshot files of one group: when more, older ones are written again as one. */
const maxSnapshots = 6;

/** Rows of one stream in order of arrival. In shared memory, so that the sealing thread reads them. */
export interface StreamRows {
  readonly stream: string;
  rows: number;
  bytes: number;
  timesMs: Float64Array;
  ingestsMs: Float64Array;
  sequences: Float64Array;
  /** Where each row's `length u32 | bytes` starts in `messages`. */
  offsets: Uint32Array;
  messages: Uint8Array;
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

function newStreamRows(stream: string): StreamRows {
  return {
    stream,
    rows: 0,
    bytes: 0,
    timesMs: new Float64Array(shared(8 * 8)),
    ingestsMs: new Float64Array(shared(8 * 8)),
    sequences: new Float64Array(shared(8 * 8)),
    offsets: new Uint32Array(shared(8 * 4)),
    messages: new Uint8Array(shared(1024)),
  };
}

function grownNumbers(array: Float64Array, length: number): Float64Array {
  const grown = new Float64Array(shared(length * 8));
  grown.set(array);
  return grown;
}

function reserve(rows: StreamRows, moreRows: number, moreBytes: number): void {
  const needRows = rows.rows + moreRows;
  if (needRows > rows.timesMs.length) {
    const length = Math.max(needRows, rows.timesMs.length * 2);
    rows.timesMs = grownNumbers(rows.timesMs, length);
    rows.ingestsMs = grownNumbers(rows.ingestsMs, length);
    rows.sequences = grownNumbers(rows.sequences, length);
    const offsets = new Uint32Array(shared(length * 4));
    offsets.set(rows.offsets);
    rows.offsets = offsets;
  }
  const needBytes = rows.bytes + moreBytes;
  if (needBytes > rows.messages.length) {
    const grown = new Uint8Array(shared(Math.max(needBytes, rows.messages.length * 2)));
    grown.set(rows.messages.subarray(0, rows.bytes));
    rows.messages = grown;
  }
}

/** A Parquet file with rows that are not sealed yet, made when a query first needs them. */
export interface Snapshot {
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Scans that read it. */
  users: number;
  /** No longer offered to new scans: removed when the last user leaves. */
  retired: boolean;
}

/** Unsealed rows of one group in one generation. */
export class FreshGroup {
  readonly group: string;
  readonly streams: Map<string, StreamRows> = new Map();
  rows = 0;
  bytes = 0;
  minMs: number = Number.POSITIVE_INFINITY;
  maxMs: number = Number.NEGATIVE_INFINITY;
  #snapshots: { snapshot: Snapshot; from: Map<string, number> }[] = [];
  /** Rows of each stream that are in a snapshot. */
  #snapshotTo = new Map<string, number>();
  #snapshotRows = 0;

  constructor(group: string) {
    this.group = group;
  }

  add(section: BatchSection, firstSequence: number, ingestionMs: number): void {
    let rows = this.streams.get(section.stream);
    if (rows === undefined) {
      rows = newStreamRows(section.stream);
      this.streams.set(section.stream, rows);
    }
    const { count, messages, timestampsMs } = section;
    reserve(rows, count, messages.length);
    const start = rows.rows;
    rows.timesMs.set(timestampsMs, start);
    rows.messages.set(messages, rows.bytes);
    rows.ingestsMs.fill(ingestionMs, start, start + count);
    const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
    let offset = 0;
    for (let i = 0; i < count; i++) {
      rows.sequences[start + i] = firstSequence + i;
      rows.offsets[start + i] = rows.bytes + offset;
      offset += 4 + view.getUint32(offset, true);
      const timeMs = timestampsMs[i]!;
      if (timeMs < this.minMs) this.minMs = timeMs;
      if (timeMs > this.maxMs) this.maxMs = timeMs;
    }
    rows.rows += count;
    rows.bytes += messages.length;
    this.rows += count;
    this.bytes += messages.length;
  }

  /**
   * Files that together hold every row so far. Rows since the last call are written to a new file;
   * small files are joined as in a binary counter, so that a group has a handful at most.
   */
  snapshots(directory: string, nextId: () => number): readonly Snapshot[] {
    if (this.#snapshotRows < this.rows) {
      let from = new Map(this.#snapshotTo);
      let pendingRows = this.rows - this.#snapshotRows;
      const replaced: Snapshot[] = [];
      for (;;) {
        const last = this.#snapshots.at(-1);
        if (last === undefined) break;
        if (last.snapshot.rows > pendingRows * 2 && this.#snapshots.length < maxSnapshots) break;
        pendingRows += last.snapshot.rows;
        from = last.from;
        replaced.push(last.snapshot);
        this.#snapshots.pop();
      }
      const snapshot = this.#write(join(directory, `${nextId()}.parquet`), from, pendingRows);
      this.#snapshots.push({ snapshot, from });
      for (const [name, rows] of this.streams) this.#snapshotTo.set(name, rows.rows);
      this.#snapshotRows = this.rows;
      for (const old of replaced) retire(old);
    }
    return this.#snapshots.map((entry) => entry.snapshot);
  }

  /** Forgets the files; those in use go when their last user does. */
  retireSnapshots(): void {
    for (const { snapshot } of this.#snapshots) retire(snapshot);
    this.#snapshots = [];
  }

  #write(path: string, from: ReadonlyMap<string, number>, rowCount: number): Snapshot {
    const writer = new ParquetWriter();
    const pieces: Uint8Array[] = [writer.start()];
    let minMs = Number.POSITIVE_INFINITY;
    let maxMs = Number.NEGATIVE_INFINITY;
    let bytes = 0;
    const builder = new BlockBuilder(this.group, 0, (block) => {
      pieces.push(...writer.plainBlock(block));
    });
    for (const [name, rows] of this.streams) {
      const start = from.get(name) ?? 0;
      if (start === rows.rows) continue;
      for (let row = start; row < rows.rows; row++) {
        const timeMs = rows.timesMs[row]!;
        if (timeMs < minMs) minMs = timeMs;
        if (timeMs > maxMs) maxMs = timeMs;
      }
      bytes += rows.bytes - rows.offsets[start]!;
      builder.addRange(rows, start, rows.rows);
    }
    builder.flush();
    pieces.push(writer.finish());
    writeFileSync(path, Buffer.concat(pieces));
    return { path, rows: rowCount, bytes, minMs, maxMs, users: 0, retired: false };
  }
}

function retire(snapshot: Snapshot): void {
  snapshot.retired = true;
  if (snapshot.users === 0) rmSync(snapshot.path, { force: true });
}

export function releaseSnapshot(snapshot: Snapshot): void {
  snapshot.users -= 1;
  if (snapshot.retired && snapshot.users === 0) rmSync(snapshot.path, { force: true });
}

/** What one write-ahead log file holds, in memory: the unit of sealing. */
export class Generation {
  readonly id: number;
  readonly groups: Map<string, FreshGroup> = new Map();
  /** Sequence of the first row; infinite while there is none. */
  firstSequence: number = Number.POSITIVE_INFINITY;
  /** When the first row came, monotonic ms; undefined while there is none. */
  firstRowMs: number | undefined;
  rows = 0;
  bytes = 0;

  constructor(id: number) {
    this.id = id;
  }

  add(section: BatchSection, firstSequence: number, ingestionMs: number): void {
    let group = this.groups.get(section.group);
    if (group === undefined) {
      group = new FreshGroup(section.group);
      this.groups.set(section.group, group);
    }
    group.add(section, firstSequence, ingestionMs);
    this.firstSequence = Math.min(this.firstSequence, firstSequence);
    this.rows += section.count;
    this.bytes += section.messages.length + section.count * 28;
  }

  drop(group: string): void {
    const fresh = this.groups.get(group);
    if (fresh === undefined) return;
    fresh.retireSnapshots();
    this.groups.delete(group);
    this.rows -= fresh.rows;
  }
}
