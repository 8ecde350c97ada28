import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { decodeChunk } from '#metrics/chunks';
import {
  type FloatHistogram,
  highWord,
  type Labels,
  lowWord,
  SampleColumns,
  wordsOf,
} from '#metrics/model';
import { SampleBatch, type SeriesRef } from '../contract.ts';
import type { DiskMetricStore } from '../store.ts';
import { Gathered, samplesPerBlock } from './gathered.ts';
import { headChunks } from './head-chunks.ts';
import type { ImportOptions } from './prometheus.ts';
import { walRecords } from './prometheus-wal.ts';
import { ImportMemory } from './state.ts';
import { readWalRecord, type WalSink } from './wal-records.ts';

/** Samples that are handed on together. */
const samplesPerBatch = 50_000;

export interface HeadImportResult {
  readonly samples: number;
  readonly blocks: number;
  readonly alreadyDone: boolean;
  readonly skippedChunks: number;
  /** What could not be read, for people. */
  readonly problems: readonly string[];
}

interface HeadFiles {
  /** Of the newest checkpoint, then the segments behind it. */
  readonly wal: readonly string[];
  /** Late samples. */
  readonly late: readonly string[];
  readonly chunks: readonly string[];
}

/**
 * Takes over what a Prometheus holds beside its blocks: its head of the last hours, out of
 * `chunks_head`, the write-ahead log and the log of late samples. What a kill left half written is told
 * and left out, as Prometheus itself does at its next start.
 *
 * @param blockEndMs where its blocks end: older samples of the head are in them
 */
export async function importPrometheusHead(
  store: DiskMetricStore,
  folder: string,
  blockEndMs: number,
  options: ImportOptions,
): Promise<HeadImportResult> {
  const files = findHeadFiles(folder);
  const all = [...files.wal, ...files.chunks, ...files.late];
  const nothing = { samples: 0, blocks: 0, skippedChunks: 0, problems: [] };
  if (all.length === 0) return { ...nothing, alreadyDone: false };
  // Of other sizes they are another head: its Prometheus has run again.
  const print = all.map((path) => `${path}:${statSync(path).size}`).join('|');
  const memory = new ImportMemory(store.directory, `prometheus-head:${resolve(folder)}:${print}`);
  if (memory.state.done.includes('head')) return { ...nothing, alreadyDone: true };
  const reading = new HeadImport(store, files, blockEndMs, memory, options);
  const result = await reading.run();
  memory.state.done.push('head');
  memory.save();
  return { ...result, alreadyDone: false };
}

export function hasPrometheusHead(folder: string): boolean {
  const { wal, chunks, late } = findHeadFiles(folder);
  return wal.length + chunks.length + late.length > 0;
}

function findHeadFiles(folder: string): HeadFiles {
  const numbered = (name: string): string[] => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    const names = readdirSync(path).filter((file) => /^\d+$/.test(file));
    return names.sort((a, b) => Number(a) - Number(b)).map((file) => join(path, file));
  };
  const walFolder = join(folder, 'wal');
  const checkpoints = existsSync(walFolder)
    ? readdirSync(walFolder).filter((name) => /^checkpoint\.\d+$/.test(name))
    : [];
  const numberOf = (name: string): number => Number(/(\d+)$/.exec(name)![1]);
  const checkpoint = checkpoints.sort((a, b) => numberOf(a) - numberOf(b)).at(-1);
  const done = checkpoint === undefined ? -1 : numberOf(checkpoint);
  return {
    wal: [
      ...(checkpoint === undefined ? [] : numbered(join('wal', checkpoint))),
      ...numbered('wal').filter((path) => numberOf(path) > done),
    ],
    late: numbered('wbl'),
    chunks: numbered('chunks_head'),
  };
}

class HeadImport implements WalSink {
  readonly #store: DiskMetricStore;
  readonly #files: HeadFiles;
  readonly #blockEndMs: number;
  readonly #memory: ImportMemory;
  readonly #options: ImportOptions;
  readonly #labels = new Map<number, Labels>();
  /** Times up to which the log repeats what stands in chunks, by reference. */
  readonly #chunkEndMs = new Map<number, number>();
  readonly #deleted = new Map<number, number[]>();
  readonly #unknownKinds = new Set<number>();
  readonly #problems: string[] = [];
  readonly #totalBytes: number;
  readonly #resumeAt: number;
  #doneBytes = 0;
  #seen = 0;
  #samples = 0;
  #blocks = 0;
  #skippedChunks = 0;
  #refs = new Map<number, SeriesRef>();
  #gathered = new Gathered();
  #batch = new SampleBatch();
  #isLate = false;

  constructor(
    store: DiskMetricStore,
    files: HeadFiles,
    blockEndMs: number,
    memory: ImportMemory,
    options: ImportOptions,
  ) {
    this.#store = store;
    this.#files = files;
    this.#blockEndMs = blockEndMs;
    this.#memory = memory;
    this.#options = options;
    this.#resumeAt = memory.state.offset;
    const { wal, late, chunks } = files;
    // The log is read twice: chunks name series and deletions that stand in it.
    const bytes = [...wal, ...wal, ...late, ...chunks].map((path) => statSync(path).size);
    this.#totalBytes = Math.max(
      1,
      bytes.reduce((sum, size) => sum + size, 0),
    );
  }

  async run(): Promise<Omit<HeadImportResult, 'alreadyDone'>> {
    const { wal, late, chunks } = this.#files;
    const ignored = (): void => {};
    const names: WalSink = {
      series: (ref, labels) => this.#labels.set(ref, labels),
      deleted: (ref, fromMs, toMs) => {
        this.#deleted.set(ref, [...(this.#deleted.get(ref) ?? []), fromMs, toMs]);
      },
      sample: ignored,
      histogram: ignored,
      unknown: (kind) => this.#unknownKinds.add(kind),
    };
    for (const path of wal) await this.#segment(path, names, true);
    for (const path of chunks) await this.#chunkFile(path);
    for (const path of wal) await this.#segment(path, this, false);
    this.#isLate = true;
    for (const path of late) await this.#segment(path, this, true);
    await this.#flush();
    for (const kind of this.#unknownKinds) {
      this.#problems.push(`records of the kind ${kind} in the log are not known and were left out`);
    }
    return {
      samples: this.#samples,
      blocks: this.#blocks,
      skippedChunks: this.#skippedChunks,
      problems: this.#problems,
    };
  }

  series(ref: number, labels: Labels): void {
    this.#labels.set(ref, labels);
  }

  sample(ref: number, timeMs: number, bytes: Buffer, at: number): void {
    if (at + 8 > bytes.length) return;
    if (!this.#isLate && this.#isElsewhere(ref, timeMs)) return;
    // Through memory, not through a number: a staleness marker keeps its bits.
    this.#add(ref, timeMs, bytes.readInt32BE(at), bytes.readInt32BE(at + 4), undefined);
  }

  histogram(ref: number, timeMs: number, histogram: FloatHistogram): void {
    if (!this.#isLate && this.#isElsewhere(ref, timeMs)) return;
    this.#add(ref, timeMs, 0, 0, histogram);
  }

  /** Taken from the log at its first reading. */
  deleted(): void {}
  unknown(): void {}

  /** In a block, or in a chunk that was read before. */
  #isElsewhere(ref: number, timeMs: number): boolean {
    return (
      timeMs < this.#blockEndMs || timeMs <= (this.#chunkEndMs.get(ref) ?? Number.NEGATIVE_INFINITY)
    );
  }

  #add(
    ref: number,
    timeMs: number,
    high: number,
    low: number,
    histogram: FloatHistogram | undefined,
  ): void {
    const ranges = this.#deleted.get(ref);
    if (ranges !== undefined && isWithin(ranges, timeMs)) return;
    // What an import that was broken off had stored.
    if (this.#seen++ < this.#resumeAt) return;
    const own = this.#ownRef(ref);
    if (own === undefined) return;
    const batch = this.#batch;
    const at = batch.length;
    batch.add(own, timeMs, 0);
    this.#samples++;
    if (histogram !== undefined) {
      batch.histograms ??= new Map();
      batch.histograms.set(at, histogram);
      return;
    }
    const words = wordsOf(batch.values);
    words[at * 2 + highWord] = high;
    words[at * 2 + lowWord] = low;
  }

  #ownRef(ref: number): SeriesRef | undefined {
    const known = this.#refs.get(ref);
    if (known !== undefined) return known;
    const labels = this.#labels.get(ref);
    if (labels === undefined) return undefined;
    const own = this.#gathered.seriesRef(labels);
    this.#refs.set(ref, own);
    return own;
  }

  /** @param tells whether what is wrong with it is told: the log is read twice */
  async #segment(path: string, sink: WalSink, tells: boolean): Promise<void> {
    for (const part of walRecords(path)) {
      const problem = 'problem' in part ? part.problem : undefined;
      const isWhole = 'record' in part && readWalRecord(part.record, sink);
      if (problem !== undefined || !isWhole) {
        if (tells) this.#tell(path, problem ?? 'a record ends before what it holds');
        break;
      }
      if (this.#batch.length >= samplesPerBatch) await this.#turn(path);
    }
    this.#doneBytes += statSync(path).size;
    await this.#turn(path);
  }

  async #chunkFile(path: string): Promise<void> {
    const columns = new SampleColumns();
    for (const chunk of headChunks(path)) {
      if ('problem' in chunk) {
        this.#tell(path, chunk.problem);
        break;
      }
      const { ref, maxTimeMs, encoding, isOutOfOrder, data } = chunk;
      if (!isOutOfOrder && maxTimeMs < this.#blockEndMs) continue;
      columns.clear();
      const outcome = decodeChunk(encoding, data, columns);
      if (outcome !== 'read') {
        if (outcome === 'unknown') this.#skippedChunks++;
        else this.#tell(path, `a chunk of ${chunk.minTimeMs} ends before its samples do`);
        continue;
      }
      const words = wordsOf(columns.values);
      for (let at = 0; at < columns.count; at++) {
        const timeMs = columns.timesMs[at]!;
        const histogram = columns.histograms?.[at];
        this.#add(ref, timeMs, words[at * 2 + highWord]!, words[at * 2 + lowWord]!, histogram);
      }
      if (!isOutOfOrder) {
        this.#chunkEndMs.set(ref, Math.max(this.#chunkEndMs.get(ref) ?? maxTimeMs, maxTimeMs));
      }
      if (this.#batch.length >= samplesPerBatch) await this.#turn(path);
    }
    this.#doneBytes += statSync(path).size;
    await this.#turn(path);
  }

  /** Hands on what was read, tells how far it came, lets others have their turn. */
  async #turn(path: string): Promise<void> {
    this.#gathered.add(this.#batch);
    this.#batch.clear();
    const done = Math.min(1, this.#doneBytes / this.#totalBytes);
    this.#options.onProgress?.({ done, samples: this.#samples, what: path });
    await new Promise<void>((turn) => setImmediate(turn));
    this.#options.signal.throwIfAborted();
    if (this.#gathered.samples >= samplesPerBlock) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#gathered.samples === 0) return;
    this.#blocks += await this.#gathered.write(this.#store);
    this.#gathered = new Gathered();
    this.#refs = new Map();
    this.#memory.state.offset = this.#seen;
    this.#memory.save();
  }

  #tell(path: string, problem: string): void {
    this.#problems.push(`${path}: ${problem}; what stands behind it in this file was left out`);
  }
}

function isWithin(ranges: readonly number[], timeMs: number): boolean {
  for (let at = 0; at < ranges.length; at += 2) {
    if (timeMs >= ranges[at]! && timeMs <= ranges[at + 1]!) return true;
  }
  return false;
}
