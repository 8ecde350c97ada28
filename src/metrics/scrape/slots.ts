import type { SeriesRef } from '#metrics/tsdb';

/** The series' samples go nowhere: metric relabelling dropped it. No store gives so large a number. */
export const droppedSeries: SeriesRef = 0xffff_ffff;

/** What is known of each series of a target, by the slot that its text has. */
export class SlotTable {
  refs: Uint32Array = new Uint32Array(64);
  /** 1: its last sample counts for staleness (it had no time of its own, or those count too). */
  tracked: Uint8Array = new Uint8Array(64);
  /** The scrape that last had it, to tell repetitions in one body. */
  scrapes: Uint32Array = new Uint32Array(64);

  reserve(slot: number): void {
    if (slot < this.refs.length) return;
    const capacity = Math.max(slot + 1, this.refs.length * 2);
    const refs = new Uint32Array(capacity);
    refs.set(this.refs);
    this.refs = refs;
    const tracked = new Uint8Array(capacity);
    tracked.set(this.tracked);
    this.tracked = tracked;
    const scrapes = new Uint32Array(capacity);
    scrapes.set(this.scrapes);
    this.scrapes = scrapes;
  }
}

/** Slots by text, for the formats that are read entry by entry. */
export class TextSlots {
  #slots = new Map<string, number>();
  #fresh = new Map<string, number>();
  #seen = new Map<string, number>();
  #free: number[] = [];
  #count = 0;

  /** The slot of a series text of this body; `isNew`: it has none yet and gets one. */
  find(text: string): { readonly slot: number; readonly isNew: boolean } {
    const known = this.#slots.get(text) ?? this.#fresh.get(text);
    const slot = known ?? this.#free.pop() ?? this.#count++;
    if (known === undefined) this.#fresh.set(text, slot);
    this.#seen.set(text, slot);
    return { slot, isNew: known === undefined };
  }

  /** Whether the body has other series than the one before. */
  get hasChanged(): boolean {
    return this.#fresh.size > 0 || this.#seen.size !== this.#slots.size;
  }

  commit(): void {
    const seen = new Set(this.#seen.values());
    for (const slot of this.#slots.values()) if (!seen.has(slot)) this.#free.push(slot);
    this.#slots = this.#seen;
    this.#clear();
  }

  abandon(): void {
    this.#free.push(...this.#fresh.values());
    this.#clear();
  }

  known(): Iterable<number> {
    return this.#slots.values();
  }

  #clear(): void {
    this.#seen = new Map();
    this.#fresh = new Map();
  }
}
