import type { Labels } from '#metrics/model';
import type { SourceList } from './sources.ts';

/** Labels of so many series are kept with a result; those of larger ones are made again each time. */
const maxKeptLabels = 100_000;

/** Series of one place (the head, a block) in label order: numbers that the place knows them by. */
export class FoundSeries {
  readonly ids: Uint32Array;
  readonly #make: (id: number) => Labels;
  readonly #labels: (Labels | undefined)[] | undefined;

  constructor(ids: Uint32Array, make: (id: number) => Labels) {
    this.ids = ids;
    this.#make = make;
    this.#labels = ids.length <= maxKeptLabels ? new Array(ids.length) : undefined;
  }

  get count(): number {
    return this.ids.length;
  }

  labels(index: number): Labels {
    const kept = this.#labels;
    if (kept === undefined) return this.#make(this.ids[index]!);
    let labels = kept[index];
    if (labels === undefined) {
      labels = this.#make(this.ids[index]!);
      kept[index] = labels;
    }
    return labels;
  }
}

/** One place that a selection reads from. */
export interface SelectPart {
  readonly found: FoundSeries;
  /** Adds the sources of a series, oldest first. What it needs is in memory. */
  collect(id: number, into: SourceList): void;
  /** Deleted ranges, from and to alternating; undefined: none. */
  tombstones(id: number): readonly number[] | undefined;
}

/** Results of selectors that are asked again and again, bounded by the series they name. */
export class FoundCache {
  readonly #maxSeries: number;
  readonly #entries = new Map<string, { readonly version: number; readonly found: FoundSeries }>();
  #series = 0;

  constructor(maxSeries = 200_000) {
    this.#maxSeries = maxSeries;
  }

  get(key: string, version: number, find: () => FoundSeries): FoundSeries {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      if (known.version === version) {
        this.#entries.set(key, known);
        return known.found;
      }
      this.#series -= known.found.count + 1;
    }
    const found = find();
    if (found.count < this.#maxSeries) {
      this.#entries.set(key, { version, found });
      this.#series += found.count + 1;
      for (const [oldest, entry] of this.#entries) {
        if (this.#series <= this.#maxSeries) break;
        this.#entries.delete(oldest);
        this.#series -= entry.found.count + 1;
      }
    }
    return found;
  }
}
