import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { compareText, type Labels } from '#metrics/model';
import { FoundSeries, type SelectPart } from '../select/found.ts';
import type { SelectionData } from '../select/reader.ts';
import type { BlockMeta } from './format.ts';
import { openSyncBlock, rewriteSeries } from './rewrite.ts';
import { BlockWriter } from './writer.ts';

/** Labels of many series as columns: cheap to hand to a thread. */
export interface LabelTable {
  readonly texts: readonly string[];
  /** Numbers of names and values, one series after the other. */
  readonly ids: Uint32Array;
  /** Where each series begins, and the end of the last. */
  readonly starts: Uint32Array;
}

interface JobBase {
  /** Folder to write to; it must not be there. */
  readonly folder: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sliceMs: number;
  readonly meta: Pick<BlockMeta, 'id' | 'level' | 'replaces'> & { readonly headUntilMs?: number };
}

/** Writes series of the head, in any order, into a block. */
export interface CutJob extends JobBase {
  readonly kind: 'cut';
  readonly data: SelectionData;
  readonly labels: LabelTable;
}

/** Writes the series of several blocks into one, without what is deleted. */
export interface MergeJob extends JobBase {
  readonly kind: 'merge';
  readonly sources: readonly string[];
}

export type BlockJob = CutJob | MergeJob;

/** A job of so few samples takes less time than a thread takes to begin. */
const minThreadSamples = 50_000;

/**
 * Runs a job, a large one on a thread of its own.
 * @returns undefined: there was nothing to write
 */
export async function runJob(job: BlockJob, samples: number): Promise<BlockMeta | undefined> {
  return samples < minThreadSamples ? doJob(job) : runOnThread(job);
}

function runOnThread(job: BlockJob): Promise<BlockMeta | undefined> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: job });
    let isDone = false;
    worker.once('message', (result: { meta?: BlockMeta; error?: Error }) => {
      isDone = true;
      if (result.error !== undefined) reject(result.error);
      else resolve(result.meta);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      if (!isDone) reject(new Error(`The thread that writes blocks ended with code ${code}`));
    });
  });
}

/** The job itself, on the thread that calls. */
export function doJob(job: BlockJob): BlockMeta | undefined {
  const writer = new BlockWriter(job.folder);
  try {
    if (job.kind === 'cut') {
      const part = partOfHead(job);
      rewriteSeries([part], job.data.buffers, writer, { ...job, clipMs: job.data.clipMs });
    } else {
      const parts = job.sources.map(openSyncBlock);
      try {
        rewriteSeries(parts, [], writer, job);
      } finally {
        for (const part of parts) part.close();
      }
    }
    if (writer.series > 0) {
      return writer.finish((content) => ({ version: 1, ...content, ...job.meta }));
    }
  } catch (error) {
    writer.abandon();
    rmSync(job.folder, { recursive: true, force: true });
    throw error;
  }
  writer.abandon();
  rmSync(job.folder, { recursive: true, force: true });
  return undefined;
}

function partOfHead({ data, labels }: CutJob): SelectPart {
  const { texts, ids, starts } = labels;
  const labelsOf = (series: number): Labels => {
    const start = starts[series]!;
    return Array.from(ids.subarray(start, starts[series + 1]!), (id) => texts[id]!);
  };
  const order = Uint32Array.from({ length: starts.length - 1 }, (_, at) => at);
  order.sort((a, b) => {
    const left = starts[a]!;
    const right = starts[b]!;
    const length = Math.min(starts[a + 1]! - left, starts[b + 1]! - right);
    for (let at = 0; at < length; at++) {
      const one = ids[left + at]!;
      const other = ids[right + at]!;
      if (one !== other) return compareText(texts[one]!, texts[other]!);
    }
    return starts[a + 1]! - left - (starts[b + 1]! - right);
  });
  const tombstones = new Map(data.tombstones);
  return {
    found: new FoundSeries(order, labelsOf),
    collect: (series, into) => {
      for (let at = data.starts[series]!; at < data.starts[series + 1]!; at++) {
        const packed = data.kind[at]!;
        into.addPacked(data.buffer[at]!, data.offset[at]!, data.size[at]!, data.count[at]!, packed);
      }
    },
    tombstones: (series) => tombstones.get(series),
  };
}
