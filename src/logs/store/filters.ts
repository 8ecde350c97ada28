import { readFile } from 'node:fs/promises';
import type { ScanRequest } from './contract.ts';
import { blocksThatMayHold, type GramQuery, gramsOf } from './gram-filter.ts';
import type { Registry } from './registry.ts';
import type { SegmentState } from './state.ts';

/** Filters kept in memory between queries. */
const maxCachedBytes = 32 * 1024 * 1024;
/** Filter files read at once. */
const maxReads = 8;

/** The search filters read last. */
export class FilterCache {
  readonly #filters = new Map<string, Uint8Array>();
  #bytes = 0;

  async read(path: string): Promise<Uint8Array> {
    const known = this.#filters.get(path);
    if (known !== undefined) {
      // Used last: goes last.
      this.#filters.delete(path);
      this.#filters.set(path, known);
      return known;
    }
    const filter = await readFile(path);
    if (this.#filters.has(path)) return filter;
    this.#filters.set(path, filter);
    this.#bytes += filter.length;
    for (const [oldest, bytes] of this.#filters) {
      if (this.#bytes <= maxCachedBytes || oldest === path) break;
      this.#filters.delete(oldest);
      this.#bytes -= bytes.length;
    }
    return filter;
  }
}

/**
 * Blocks that may hold all texts (and one of each of `containsAny`), by segment id. A segment whose filter says nothing (all blocks
 * may, or it cannot be read) is left out.
 */
export async function selectBlocks(
  request: ScanRequest,
  texts: readonly string[],
  registry: Registry,
  cache: FilterCache,
): Promise<Map<number, readonly number[]>> {
  const selected = new Map<number, readonly number[]>();
  const query: GramQuery = {
    all: texts.flatMap(gramsOf),
    // A text too short for a gram may be in any block.
    anyOf: (request.containsAny ?? [])
      .map((choice) => choice.map(gramsOf))
      .filter((choice) => choice.every((grams) => grams.length > 0)),
  };
  if (query.all.length + query.anyOf.length === 0) return selected;
  const wanted: SegmentState[] = [];
  for (const name of request.groups) {
    for (const segment of registry.find(name)?.segments.values() ?? []) {
      if (segment.maxMs >= request.fromMs && segment.minMs <= request.toMs) wanted.push(segment);
    }
  }
  const readNext = async (): Promise<void> => {
    for (let segment = wanted.pop(); segment !== undefined; segment = wanted.pop()) {
      try {
        const filter = await cache.read(segment.filterPath);
        const blocks = blocksThatMayHold(filter, query);
        if (blocks.length < segment.blocks) selected.set(segment.id, blocks);
      } catch {
        // Without its filter a segment is read whole: slower, never wrong.
      }
    }
  };
  await Promise.all(Array.from({ length: maxReads }, readNext));
  return selected;
}
