import type { Exemplar, LabelMatcher, Labels } from '#metrics/model';
import { labelValue } from '#metrics/model';
import type { SeriesRef } from './contract.ts';

/** As in the reference: the newest of the whole store are kept in memory. */
const maxExemplars = 100_000;
/** The OpenMetrics bound on the labels of an exemplar, in characters. */
export const maxExemplarLabelChars = 128;

interface Kept {
  readonly ref: SeriesRef;
  readonly exemplar: Exemplar;
}

/** A ring of the newest exemplars. */
export class ExemplarRing {
  readonly #ring: Kept[] = [];
  readonly #newest = new Map<SeriesRef, Exemplar>();
  #next = 0;
  added = 0;

  /** @returns false for those that are refused: too long, or not newer than the last of the series */
  add(ref: SeriesRef, exemplar: Exemplar): boolean {
    let chars = 0;
    for (const text of exemplar.labels) chars += text.length;
    if (chars > maxExemplarLabelChars) return false;
    const last = this.#newest.get(ref);
    if (last !== undefined && exemplar.timeMs <= last.timeMs) return false;
    const kept = { ref, exemplar };
    if (this.#ring.length < maxExemplars) {
      this.#ring.push(kept);
    } else {
      const old = this.#ring[this.#next]!;
      if (this.#newest.get(old.ref) === old.exemplar) this.#newest.delete(old.ref);
      this.#ring[this.#next] = kept;
      this.#next = (this.#next + 1) % maxExemplars;
    }
    this.#newest.set(ref, exemplar);
    this.added++;
    return true;
  }

  /** Oldest first. */
  *all(): Generator<Kept> {
    for (let at = 0; at < this.#ring.length; at++) {
      yield this.#ring[(this.#next + at) % this.#ring.length]!;
    }
  }

  /** By series that match any of the sets, Unix ms inclusive, in order of time. */
  find(
    sets: readonly (readonly LabelMatcher[])[],
    fromMs: number,
    toMs: number,
    labelsOf: (ref: SeriesRef) => Labels | undefined,
  ): { labels: Labels; exemplars: Exemplar[] }[] {
    const found = new Map<SeriesRef, { labels: Labels; exemplars: Exemplar[] } | undefined>();
    for (const { ref, exemplar } of this.all()) {
      if (exemplar.timeMs < fromMs || exemplar.timeMs > toMs) continue;
      if (!found.has(ref)) {
        const labels = labelsOf(ref);
        const isMatch =
          labels !== undefined &&
          (sets.length === 0 ||
            sets.some((set) => set.every((one) => one.matches(labelValue(labels, one.name)))));
        found.set(ref, isMatch ? { labels, exemplars: [] } : undefined);
      }
      found.get(ref)?.exemplars.push(exemplar);
    }
    return [...found.values()].filter((each) => each !== undefined);
  }
}
