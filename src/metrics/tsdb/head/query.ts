import { formatMatcher, type LabelMatcher, type Labels } from '#metrics/model';
import { FoundCache, FoundSeries, type SelectPart } from '../select/found.ts';
import { collectSeries } from './collect.ts';
import type { Head } from './head.ts';
import { matchHead } from './match.ts';

type MatcherSets = readonly (readonly LabelMatcher[])[];

/** Answers questions about the labels of the head. */
export class HeadQuery {
  readonly head: Head;
  /** Deleted ranges by reference: from and to alternating, inclusive. */
  readonly tombstones: Map<number, number[]> = new Map();
  readonly #cache = new FoundCache();

  constructor(head: Head) {
    this.head = head;
  }

  find(matchers: readonly LabelMatcher[]): FoundSeries {
    const key = matchers.map(formatMatcher).join(',');
    return this.#cache.get(key, this.head.table.version, () =>
      this.#sorted(matchHead(this.head.table, matchers)),
    );
  }

  /** Series of any of the sets; no sets: all. */
  findAny(sets: MatcherSets): FoundSeries {
    const [only] = sets;
    if (only !== undefined && sets.length === 1) return this.find(only);
    return this.#sorted(this.refsOfAny(sets));
  }

  /** Not sorted by labels. */
  refsOfAny(sets: MatcherSets): Uint32Array {
    const { table } = this.head;
    if (sets.length === 0) return table.allRefs();
    const refs = new Set<number>();
    for (const matchers of sets) for (const ref of matchHead(table, matchers)) refs.add(ref);
    return Uint32Array.from(refs).sort();
  }

  part(found: FoundSeries, fromMs: number, toMs: number): SelectPart {
    const { head, tombstones } = this;
    return {
      found,
      collect: (ref, into) => {
        const row = head.table.row(ref);
        if (row !== 0) collectSeries(head, row, fromMs, toMs, into);
      },
      tombstones: (ref) => tombstones.get(ref),
    };
  }

  labelNames(sets: MatcherSets): Set<string> {
    const { table } = this.head;
    const names = new Set<string>();
    const { texts } = table;
    for (const id of sets.length === 0 ? texts.names : this.#namesOf(sets)) {
      names.add(texts.text(id));
    }
    return names;
  }

  labelValues(name: string, sets: MatcherSets): Set<string> {
    const { table } = this.head;
    const values = new Set<string>();
    const { texts } = table;
    const id = table.name(name);
    if (id === 0) return values;
    if (sets.length === 0) {
      for (const pair of texts.values(id)) values.add(texts.text(pair));
      return values;
    }
    const pairs = new Set<number>();
    for (const ref of this.refsOfAny(sets)) pairs.add(table.pairOf(table.row(ref), id));
    pairs.delete(0);
    for (const pair of pairs) values.add(texts.text(pair));
    return values;
  }

  #namesOf(sets: MatcherSets): Set<number> {
    const { table } = this.head;
    const ids = new Set<number>();
    for (const ref of this.refsOfAny(sets)) {
      for (const pair of table.pairsOf(table.row(ref))) ids.add(table.texts.nameOf(pair));
    }
    return ids;
  }

  #sorted(refs: Uint32Array): FoundSeries {
    const { table } = this.head;
    const rows = Uint32Array.from(refs, (ref) => table.row(ref));
    rows.sort((a, b) => table.order(a, b));
    const sorted = rows.map((row) => table.ref[row]!);
    return new FoundSeries(sorted, (ref) => this.#labels(ref));
  }

  #labels(ref: number): Labels {
    return this.head.labels(ref) ?? [];
  }
}
