import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BugError } from '#base';
import type { BatchSection } from '#logs/batch';
import { BlockBuilder, type RowSource } from './parquet/block.ts';
import { ParquetWriter } from './parquet/writer.ts';
import { RowArena, type RowMemory } from './row-memory.ts';

/** Snapshot files of one group: when more, older ones are written again as one. */
const maxSnapshots = 6;

/** A piece grows no further: what is in it never moves. */
const maxPieceBytes = 1024 * 1024;
const minPieceBytes = 1024;
/** A new piece takes this share of what its stream has: so much at most is reserved in vain. */
const pieceShare = 0.25;
/** Bytes of a message, taken for the first piece of a stream; later ones go by its last. */
const usualMessageBytes = 64;
/** Three numbers and an offset. */
const bytesPerRow = 28;

/** Rows in order of arrival, in shared memory, so that the sealing thread reads them in place. */
export interface Piece extends RowSource {
  rows: number;
  bytes: number;
}

/** Rows of one stream in order of arrival. */
export interface StreamRows {
  rows: number;
  /** Of messages, each with its length. */
  bytes: number;
  readonly pieces: Piece[];
}

/** The piece that takes `rows` more rows with `bytes` of messages: the last, or a new one. */
function pieceFor(
  name: string,
  stream: StreamRows,
  need: { readonly rows: number; readonly bytes: number },
  arena: RowArena,
): Piece {
  const { rows, bytes } = need;
  const last = stream.pieces.at(-1);
  if (
    last !== undefined &&
    last.rows + rows <= last.timesMs.length &&
    last.bytes + bytes <= last.messages.length
  ) {
    return last;
  }
  const mean = last === undefined || last.rows === 0 ? usualMessageBytes : last.bytes / last.rows;
  const wanted = Math.max(
    bytes,
    Math.min(maxPieceBytes, Math.max(minPieceBytes, stream.bytes * pieceShare)),
  );
  const least = align8(rows * bytesPerRow + 4) + align8(bytes);
  const most = align8(Math.ceil(wanted * (1 + bytesPerRow / mean)) + 8);
  const room = arena.take(least, Math.max(least, most));
  const rowRoom = rows + Math.floor((room.bytes - least) / (mean + bytesPerRow));
  const piece = newPiece(name, rowRoom, room);
  stream.pieces.push(piece);
  return piece;
}

const align8 = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Room for so many rows, and the rest for their messages. */
function newPiece(
  stream: string,
  rows: number,
  { slab, start, bytes }: { slab: SharedArrayBuffer; start: number; bytes: number },
): Piece {
  const numbers = (index: number): Float64Array =>
    new Float64Array(slab, start + index * rows * 8, rows);
  const messagesAt = align8(rows * bytesPerRow);
  return {
    stream,
    rows: 0,
    bytes: 0,
    timesMs: numbers(0),
    ingestsMs: numbers(1),
    sequences: numbers(2),
    offsets: new Uint32Array(slab, start + rows * 24, rows),
    messages: new Uint8Array(slab, start + messagesAt, bytes - messagesAt),
  };
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

  readonly #arena: RowArena;

  constructor(group: string, arena: RowArena) {
    this.group = group;
    this.#arena = arena;
  }

  add(section: BatchSection, firstSequence: number, ingestionMs: number): void {
    let rows = this.streams.get(section.stream);
    if (rows === undefined) {
      rows = { rows: 0, bytes: 0, pieces: [] };
      this.streams.set(section.stream, rows);
    }
    const { count, messages, timestampsMs } = section;
    const piece = pieceFor(
      section.stream,
      rows,
      { rows: count, bytes: messages.length },
      this.#arena,
    );
    const start = piece.rows;
    const startByte = piece.bytes;
    const { offsets, sequences } = piece;
    piece.timesMs.set(timestampsMs, start);
    piece.messages.set(messages, startByte);
    piece.ingestsMs.fill(ingestionMs, start, start + count);
    const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
    let { minMs, maxMs } = this;
    let offset = 0;
    for (let i = 0; i < count; i++) {
      sequences[start + i] = firstSequence + i;
      offsets[start + i] = startByte + offset;
      offset += 4 + view.getUint32(offset, true);
      const timeMs = timestampsMs[i]!;
      if (timeMs < minMs) minMs = timeMs;
      if (timeMs > maxMs) maxMs = timeMs;
    }
    this.minMs = minMs;
    this.maxMs = maxMs;
    piece.rows += count;
    piece.bytes += messages.length;
    rows.rows += count;
    rows.bytes += messages.length;
    this.rows += count;
    this.bytes += messages.length;
  }

  /** Every piece of every stream. */
  get sources(): readonly RowSource[] {
    return [...this.streams.values()].flatMap((rows) => rows.pieces);
  }

  /**
   * Files that together hold every row so far. Rows since the last call are written to a new file;
   * small files are joined as in a binary counter, so that a group has a handful at most.
   * @param directories where to write: the next is taken where the one before has no room
   */
  snapshots(directories: readonly string[], nextId: () => number): readonly Snapshot[] {
    if (this.#snapshotRows < this.rows) {
      let from = new Map(this.#snapshotTo);
      let pendingRows = this.rows - this.#snapshotRows;
      let keep = this.#snapshots.length;
      for (; keep > 0; keep--) {
        const last = this.#snapshots[keep - 1]!;
        if (last.snapshot.rows > pendingRows * 2 && keep < maxSnapshots) break;
        pendingRows += last.snapshot.rows;
        from = last.from;
      }
      const snapshot = this.#writeSomewhere(directories, nextId, from, pendingRows);
      // Only now: a disk without room for the new file must not take the old ones away.
      const replaced = this.#snapshots.splice(keep);
      this.#snapshots.push({ snapshot, from });
      for (const [name, rows] of this.streams) this.#snapshotTo.set(name, rows.rows);
      this.#snapshotRows = this.rows;
      for (const old of replaced) retire(old.snapshot);
    }
    return this.#snapshots.map((entry) => entry.snapshot);
  }

  /** Forgets the files; those in use go when their last user does. */
  retireSnapshots(): void {
    for (const { snapshot } of this.#snapshots) retire(snapshot);
    this.#snapshots = [];
  }

  #writeSomewhere(
    directories: readonly string[],
    nextId: () => number,
    from: ReadonlyMap<string, number>,
    rowCount: number,
  ): Snapshot {
    for (const [at, directory] of directories.entries()) {
      try {
        return this.#write(join(directory, `${nextId()}.parquet`), from, rowCount);
      } catch (error) {
        const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC';
        const next = directories[at + 1];
        if (!isFull || next === undefined) throw error;
        mkdirSync(next, { recursive: true, mode: 0o700 });
      }
    }
    throw new BugError('There is no directory for snapshots');
  }

  #write(path: string, from: ReadonlyMap<string, number>, rowCount: number): Snapshot {
    const writer = new ParquetWriter();
    const file = openSync(path, 'w');
    const write = (pieces: readonly Uint8Array[]): void => {
      for (const piece of pieces) {
        for (let done = 0; done < piece.length; ) {
          done += writeSync(file, piece, done, piece.length - done);
        }
      }
    };
    let minMs = Number.POSITIVE_INFINITY;
    let maxMs = Number.NEGATIVE_INFINITY;
    let bytes = 0;
    try {
      write([writer.start()]);
      // A block is written before its buffers are used for the next.
      const builder = new BlockBuilder(this.group, 0, (block) => write(writer.plainBlock(block)));
      for (const [name, { pieces }] of this.streams) {
        let skip = from.get(name) ?? 0;
        for (const piece of pieces) {
          const start = Math.min(skip, piece.rows);
          skip -= start;
          if (start === piece.rows) continue;
          for (let row = start; row < piece.rows; row++) {
            const timeMs = piece.timesMs[row]!;
            if (timeMs < minMs) minMs = timeMs;
            if (timeMs > maxMs) maxMs = timeMs;
          }
          bytes += piece.bytes - piece.offsets[start]!;
          builder.addRange(piece, start, piece.rows);
        }
      }
      builder.flush();
      write([writer.finish()]);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
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

  readonly #arena: RowArena;

  constructor(id: number, memory: RowMemory) {
    this.id = id;
    this.#arena = new RowArena(memory);
  }

  add(section: BatchSection, firstSequence: number, ingestionMs: number): void {
    let group = this.groups.get(section.group);
    if (group === undefined) {
      group = new FreshGroup(section.group, this.#arena);
      this.groups.set(section.group, group);
    }
    group.add(section, firstSequence, ingestionMs);
    this.firstSequence = Math.min(this.firstSequence, firstSequence);
    this.rows += section.count;
    this.bytes += section.messages.length + section.count * bytesPerRow;
  }

  drop(group: string): void {
    const fresh = this.groups.get(group);
    if (fresh === undefined) return;
    fresh.retireSnapshots();
    this.groups.delete(group);
    this.rows -= fresh.rows;
  }
  /** Memory of its rows, with what is reserved for more of them. */
  get reservedBytes(): number {
    return this.#arena.bytes;
  }

  /** Ends it: its rows are in segments, its memory serves the next. */
  release(): void {
    for (const group of this.groups.values()) group.retireSnapshots();
    this.groups.clear();
    this.#arena.release();
  }
}
