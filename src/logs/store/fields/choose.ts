import type { RowSource } from '../parquet/block.ts';
import { isPlainKey } from './json-scan.ts';

/** Messages looked at before a segment is written. */
const maxSamples = 800;
/** A longer message is not worth parsing for a guess. */
const maxSampleBytes = 64 * 1024;
const maxPathKeys = 3;
/** Each field costs a hash and a comparison per event, and a few bytes per thousand events. */
const maxFields = 20;
/** A field in fewer of the messages is not asked for often. */
const minShare = 0.005;
/** Values that hardly repeat (ids, times) would be stored twice for little gain. */
const maxDistinctShare = 0.4;

interface Candidate {
  readonly path: readonly string[];
  readonly values: Set<string>;
  seen: number;
  isScalar: boolean;
}

/** Looks at some of a segment's rows, and knows then which JSON fields are worth columns of their own. */
export class FieldChooser {
  readonly #step: number;
  readonly #candidates = new Map<string, Candidate>();
  #samples = 0;
  #skip = 0;
  /** Uneven steps, so that no rhythm of the messages hides some of them. */
  #noise = 1;

  /** @param rows how many rows all sources have together */
  constructor(rows: number) {
    this.#step = Math.max(1, Math.floor(rows / maxSamples));
  }

  look(source: RowSource): void {
    let row = this.#skip;
    for (; row < source.rows; row += this.#nextStep()) {
      this.#samples += 1;
      const value = parse(source, row);
      if (value !== undefined) collect(value, [], this.#candidates);
    }
    this.#skip = row - source.rows;
  }

  /** Paths of the chosen fields; none where messages are no JSON. */
  get chosen(): readonly (readonly string[])[] {
    const names = new Set<string>();
    return [...this.#candidates.values()]
      .filter(
        ({ seen, values, isScalar }) =>
          isScalar &&
          seen >= Math.max(2, this.#samples * minShare) &&
          values.size <= Math.max(4, seen * maxDistinctShare),
      )
      .sort((a, b) => b.seen - a.seen || (a.path.join('/') < b.path.join('/') ? -1 : 1))
      .filter(({ path }) => {
        // The engine folds the case of columns' names.
        const name = path.join('/').toLowerCase();
        return !names.has(name) && names.add(name);
      })
      .slice(0, maxFields)
      .map(({ path }) => path);
  }

  #nextStep(): number {
    this.#noise = (Math.imul(this.#noise, 1_103_515_245) + 12_345) >>> 0;
    return 1 + ((this.#noise >>> 8) % (2 * this.#step - 1));
  }
}

function parse(source: RowSource, row: number): object | undefined {
  const { messages, offsets } = source;
  const start = offsets[row]! + 4;
  const end = row + 1 < source.rows ? offsets[row + 1]! : source.bytes;
  if (messages[start] !== 0x7b || end - start > maxSampleBytes) return undefined;
  try {
    const text = Buffer.from(messages.subarray(start, end)).toString();
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

function collect(
  object: object,
  path: readonly string[],
  candidates: Map<string, Candidate>,
): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    if (!isPlainKey(key) || value === null) continue;
    const here = [...path, key];
    const name = here.join('/');
    let known = candidates.get(name);
    if (known === undefined) {
      known = { path: here, values: new Set(), seen: 0, isScalar: true };
      candidates.set(name, known);
    }
    known.seen += 1;
    if (typeof value === 'string' || Number.isSafeInteger(value)) known.values.add(String(value));
    else known.isScalar = false;
    if (typeof value === 'object' && !Array.isArray(value) && here.length < maxPathKeys) {
      collect(value, here, candidates);
    }
  }
}
