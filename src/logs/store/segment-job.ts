import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { StreamFacts } from './catalog.ts';
import { FieldChooser } from './fields/choose.ts';
import { FieldsFileBuilder } from './fields/fields-file.ts';
import { GramFilterBuilder } from './gram-filter.ts';
import { BlockBuilder, type RowSource } from './parquet/block.ts';
import { inOrder } from './parquet/order.ts';
import { blocksOf, readBlocks } from './parquet/reader.ts';
import { compressBlock, type EventBlock, ParquetWriter } from './parquet/writer.ts';
import { syncDirectory } from './wal.ts';

/** Blocks being compressed at once: one per thread of a small machine's pool. */
const maxBlocksInWork = 2;

export interface SegmentJob {
  readonly group: string;
  readonly path: string;
  readonly filterPath: string;
  readonly firstBlockId: number;
  readonly compressionLevel: number;
  /** Events of these streams below the sequence are left out: they were deleted. */
  readonly deletedBelow: ReadonlyMap<string, number>;
  /** Rows in memory, or segments to read them from. */
  readonly sources?: readonly RowSource[];
  readonly inputs?: readonly string[];
}

/** `events` 0: nothing was left and no file was made. */
export interface SegmentResult {
  readonly diskBytes: number;
  readonly events: number;
  readonly messageBytes: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly minSequence: number;
  readonly maxSequence: number;
  readonly blocks: number;
  readonly streams: readonly StreamFacts[];
  /** Inputs that could not be read: nothing was made. */
  readonly damaged: readonly { readonly path: string; readonly reason: string }[];
}

/** Writes one segment and its filter, sorted by (stream, time, sequence), and syncs both. */
export async function runSegmentJob(job: SegmentJob): Promise<SegmentResult> {
  const writer = new SegmentFileWriter(job);
  try {
    if (job.inputs === undefined) await addSources(writer, job.sources ?? []);
    else await addInputs(writer, job.inputs);
    return await writer.finish();
  } catch (error) {
    await writer.discard();
    if (!(error instanceof UnreadableInput)) throw error;
    const { path, message } = error;
    return { ...new SegmentFileWriter(job).result, damaged: [{ path, reason: message }] };
  }
}

const inByteOrder = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

async function addSources(writer: SegmentFileWriter, sources: readonly RowSource[]): Promise<void> {
  const byStream = new Map<string, RowSource[]>();
  for (const source of sources) {
    const known = byStream.get(source.stream);
    if (known === undefined) byStream.set(source.stream, [source]);
    else known.push(source);
  }
  for (const name of [...byStream.keys()].sort(inByteOrder)) {
    await writer.addStream(
      name,
      byStream.get(name)!.map((source) => [source]),
    );
  }
}

/** Segments have their rows in the order of the new one: each is read one block at a time. */
async function addInputs(writer: SegmentFileWriter, paths: readonly string[]): Promise<void> {
  const inputs: MergeInput[] = [];
  for (const path of paths) inputs.push(await MergeInput.open(path));
  for (;;) {
    let first: string | undefined;
    for (const { stream } of inputs) {
      if (stream === undefined) continue;
      if (first === undefined || inByteOrder(stream, first) < 0) first = stream;
    }
    if (first === undefined) return;
    const name = first;
    const chains = inputs.filter((input) => input.stream === name);
    await writer.addStream(
      name,
      chains.map((input) => input.takeStream()),
    );
  }
}

class UnreadableInput extends Error {
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.path = path;
  }
}

/** A segment on its way into another. Its methods throw UnreadableInput. */
class MergeInput {
  readonly #path: string;
  readonly #sources: Iterator<RowSource>;
  #next: RowSource | undefined;

  private constructor(path: string, file: Buffer) {
    this.#path = path;
    this.#sources = sourcesIn(file);
    this.#step();
  }

  static async open(path: string): Promise<MergeInput> {
    const file = await readFile(path).catch((error: unknown) => {
      throw new UnreadableInput(path, error);
    });
    return new MergeInput(path, file);
  }

  /** The stream of the rows that come next; undefined at the end. */
  get stream(): string | undefined {
    return this.#next?.stream;
  }

  /** The rows of the stream that comes next. */
  *takeStream(): Generator<RowSource> {
    const { stream } = this;
    while (this.#next !== undefined && this.#next.stream === stream) {
      const source = this.#next;
      yield source;
      this.#step();
    }
  }

  #step(): void {
    try {
      const step = this.#sources.next();
      this.#next = step.done === true ? undefined : step.value;
    } catch (error) {
      throw new UnreadableInput(this.#path, error);
    }
  }
}

function* sourcesIn(file: Buffer): Generator<RowSource> {
  for (const block of readBlocks(file)) yield* block.sources;
}

export interface FieldsJob {
  readonly group: string;
  /** The segment. */
  readonly path: string;
  readonly fieldsPath: string;
  readonly compressionLevel: number;
}

export interface FieldsResult {
  /** Empty: no field is worth a column, and no file was made. */
  readonly fields: readonly string[];
  readonly diskBytes: number;
}

/**
 * Writes the fields file of a segment and syncs it. Holds one block of rows at a time.
 * @param turn awaited before each block: other work may go first
 * @throws {AppError} SEGMENT_DAMAGED
 */
export async function runFieldsJob(
  job: FieldsJob,
  turn: () => Promise<void>,
): Promise<FieldsResult> {
  const blocks = blocksOf(await readFile(job.path));
  const chooser = new FieldChooser(blocks.reduce((sum, block) => sum + block.rows, 0));
  for (const block of blocks) {
    await turn();
    for (const source of block.read().sources) chooser.look(source);
  }
  const fields = new FieldsFileBuilder(job.group, chooser.chosen, job.compressionLevel);
  const builder = new BlockBuilder(job.group, 0, (block) => fields.add(block));
  for (const block of blocks) {
    if (!fields.isUseful) break;
    await turn();
    for (const source of block.read().sources) builder.addRange(source, 0, source.rows);
  }
  builder.flush();
  const made = await fields.finish();
  if (made === undefined) return { fields: [], diskBytes: 0 };
  await writeSynced(job.fieldsPath, made.bytes);
  syncDirectory(dirname(job.fieldsPath));
  return { fields: made.fields, diskBytes: made.bytes.length };
}

/** Reads a segment wholly and checks it; the reason why it is damaged, or undefined. */
export async function verifySegment(path: string): Promise<string | undefined> {
  try {
    for (const _ of readBlocks(await readFile(path))) {
      // Reading is the check.
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** At the file's end; a short write (a disk that fills up) goes on until it fails. */
async function writeFully(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    let done = 0;
    while (done < piece.length) {
      done += (await file.write(piece, done, piece.length - done)).bytesWritten;
    }
  }
}

/** The file has its name once its bytes are safe. */
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(`${path}.tmp`, 'w');
  try {
    await writeFully(file, [bytes]);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
}

class SegmentFileWriter {
  readonly #job: SegmentJob;
  readonly #parquet = new ParquetWriter();
  readonly #filter = new GramFilterBuilder();
  readonly #builder: BlockBuilder;
  readonly #streams: StreamFacts[] = [];
  #file: FileHandle | undefined;
  #written: Promise<void> = Promise.resolve();
  #inWork: Promise<void>[] = [];
  #blocks = 0;
  #events = 0;
  #messageBytes = 0;
  #minMs = Number.POSITIVE_INFINITY;
  #maxMs = Number.NEGATIVE_INFINITY;
  #minSequence = Number.POSITIVE_INFINITY;
  #maxSequence = Number.NEGATIVE_INFINITY;

  constructor(job: SegmentJob) {
    this.#job = job;
    this.#builder = new BlockBuilder(job.group, job.firstBlockId, (block) => this.#emit(block));
  }

  get result(): SegmentResult {
    return {
      diskBytes: 0,
      events: this.#events,
      messageBytes: this.#messageBytes,
      minMs: this.#minMs,
      maxMs: this.#maxMs,
      minSequence: this.#minSequence,
      maxSequence: this.#maxSequence,
      blocks: this.#blocks,
      streams: this.#streams,
      damaged: [],
    };
  }

  /** @param chains see `inOrder` */
  async addStream(name: string, chains: readonly Iterable<RowSource>[]): Promise<void> {
    const deletedBelow = this.#job.deletedBelow.get(name) ?? 0;
    let events = 0;
    let bytes = 0;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    let lastIngestionMs = 0;
    for (const { source, from, to } of inOrder(chains)) {
      for (let row = from; row < to; row++) {
        // Deleted rows split the range; there are none nearly always.
        let end = row;
        while (end < to && source.sequences[end]! >= deletedBelow) {
          const sequence = source.sequences[end]!;
          if (sequence < this.#minSequence) this.#minSequence = sequence;
          if (sequence > this.#maxSequence) this.#maxSequence = sequence;
          const ingestionMs = source.ingestsMs[end]!;
          if (ingestionMs > lastIngestionMs) lastIngestionMs = ingestionMs;
          end += 1;
        }
        if (end === row) continue;
        firstMs = Math.min(firstMs, source.timesMs[row]!);
        lastMs = Math.max(lastMs, source.timesMs[end - 1]!);
        events += end - row;
        const endByte = end < source.rows ? source.offsets[end]! : source.bytes;
        bytes += endByte - source.offsets[row]! - (end - row) * 4;
        this.#builder.addRange(source, row, end);
        row = end;
      }
      while (this.#inWork.length > maxBlocksInWork) await this.#inWork.shift();
    }
    if (events === 0) return;
    this.#streams.push({ name, events, messageBytes: bytes, firstMs, lastMs, lastIngestionMs });
    this.#events += events;
    this.#messageBytes += bytes;
    this.#minMs = Math.min(this.#minMs, firstMs);
    this.#maxMs = Math.max(this.#maxMs, lastMs);
  }

  async finish(): Promise<SegmentResult> {
    this.#builder.flush();
    await this.#written;
    if (this.#file === undefined) return this.result;
    await writeFully(this.#file, [this.#parquet.finish()]);
    await this.#file.datasync();
    await this.#file.close();
    this.#file = undefined;
    const filter = this.#filter.finish();
    await writeSynced(this.#job.filterPath, filter);
    await rename(`${this.#job.path}.tmp`, this.#job.path);
    syncDirectory(dirname(this.#job.path));
    return { ...this.result, diskBytes: this.#parquet.bytes + filter.length };
  }

  async discard(): Promise<void> {
    await this.#written.catch(() => {});
    await this.#file?.close().catch(() => {});
    for (const path of [this.#job.path, this.#job.filterPath]) {
      await rm(`${path}.tmp`, { force: true });
    }
  }

  #emit(block: EventBlock): void {
    this.#blocks += 1;
    const compressed = compressBlock(block, this.#job.compressionLevel);
    const giveBack = this.#builder.detachBuffers();
    this.#filter.add(block.messages, block.rows);
    const before = this.#written;
    this.#written = (async () => {
      const columns = await compressed;
      await before;
      if (this.#file === undefined) {
        this.#file = await open(`${this.#job.path}.tmp`, 'w');
        await writeFully(this.#file, [this.#parquet.start()]);
      }
      await writeFully(this.#file, this.#parquet.place(columns));
      giveBack();
    })();
    // Awaited by finish() or discard(); marked as handled meanwhile.
    this.#written.catch(() => {});
    this.#inWork.push(this.#written);
  }
}
