import { isAppError } from '#base';
import type { LabelQuery, Labels, SelectRequest, SeriesSelection } from '#metrics/model';
import type { Block } from './block/block.ts';
import type { BlockRegistry } from './block/registry.ts';
import { type StoreCore, sortedLabels, sortedTexts } from './core.ts';
import type { SelectPart } from './select/found.ts';
import { selectFrom } from './select/selection.ts';

/** Answers from the head and the blocks together. */
export class StoreReads {
  readonly #core: StoreCore;
  readonly #blocks: BlockRegistry;
  readonly #mustBeOpen: () => void;

  /** @param mustBeOpen throws when the store was closed: also while a selection is being made */
  constructor(core: StoreCore, blocks: BlockRegistry, mustBeOpen: () => void) {
    this.#core = core;
    this.#blocks = blocks;
    this.#mustBeOpen = mustBeOpen;
  }

  async select(request: SelectRequest, signal: AbortSignal): Promise<SeriesSelection> {
    for (;;) {
      this.#mustBeOpen();
      signal.throwIfAborted();
      const { fromMs, toMs } = request;
      const { head, query } = this.#core;
      const version = this.#blocks.version;
      const leaving = [head.arena.enter()];
      const release = (): void => {
        for (const leave of leaving) leave();
      };
      try {
        const parts: SelectPart[] = [];
        let isStale = false;
        for (const block of this.#blocks.all) {
          if (!block.overlaps(fromMs, toMs)) continue;
          leaving.push(block.enter());
          const part = await this.#loadPart(block, request, signal);
          if (part === undefined || this.#blocks.version !== version) {
            isStale = true;
            break;
          }
          if (part.found.count > 0) parts.push(part);
        }
        if (isStale) {
          // What a block held may be in another one by now, or what the head held in a block.
          release();
          continue;
        }
        const found = query.find(request.matchers);
        if (found.count > 0 || parts.length === 0) parts.push(query.part(found, fromMs, toMs));
        return selectFrom(parts, request, head.minTimeMs, head.arena.pages.slice(), release);
      } catch (error) {
        release();
        throw error;
      }
    }
  }

  labelNames(query: LabelQuery): readonly string[] {
    const names = this.#headOverlaps(query)
      ? this.#core.query.labelNames(query.matcherSets)
      : new Set<string>();
    for (const block of this.#blocksOf(query)) {
      const rows = block.rowsOfAny(query.matcherSets);
      for (const name of block.index.labelNames(rows)) names.add(name);
    }
    return sortedTexts(names, query.limit);
  }

  labelValues(name: string, query: LabelQuery): readonly string[] {
    const values = this.#headOverlaps(query)
      ? this.#core.query.labelValues(name, query.matcherSets)
      : new Set<string>();
    for (const block of this.#blocksOf(query)) {
      const rows = block.rowsOfAny(query.matcherSets);
      for (const value of block.index.labelValues(name, rows)) values.add(value);
    }
    return sortedTexts(values, query.limit);
  }

  series(query: LabelQuery): readonly Labels[] {
    const all: Labels[] = [];
    if (this.#headOverlaps(query)) {
      const found = this.#core.query.findAny(query.matcherSets);
      for (let at = 0; at < found.count; at++) all.push(found.labels(at));
    }
    for (const block of this.#blocksOf(query)) {
      const rows = block.rowsOfAny(query.matcherSets);
      for (let at = 0; at < (rows?.length ?? block.index.series); at++) {
        all.push(block.index.labels(rows?.[at] ?? at));
      }
    }
    return sortedLabels(all, query.limit);
  }

  async #loadPart(
    block: Block,
    { matchers, fromMs, toMs }: SelectRequest,
    signal: AbortSignal,
  ): Promise<SelectPart | undefined> {
    try {
      return await block.load(block.find(matchers), fromMs, toMs, signal);
    } catch (error) {
      if (!isAppError(error, 'STORE_DAMAGED')) throw error;
      await this.#blocks.moveAside(block, error);
      return undefined;
    }
  }

  #headOverlaps({ fromMs, toMs }: LabelQuery): boolean {
    const { oldestMs, maxTimeMs } = this.#core.head;
    return toMs >= oldestMs && fromMs <= maxTimeMs;
  }

  #blocksOf({ fromMs, toMs }: LabelQuery): readonly Block[] {
    return this.#blocks.all.filter((block) => block.overlaps(fromMs, toMs));
  }
}
