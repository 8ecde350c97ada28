import type { Cardinality, CardinalityEntry } from './contract.ts';
import type { Head } from './head/head.ts';

/** The largest few of many, without sorting all. */
class Top {
  readonly #limit: number;
  #entries: CardinalityEntry[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(name: string, value: number): void {
    this.#entries.push({ name, value });
    if (this.#entries.length >= this.#limit * 4 + 64) this.#trim();
  }

  list(): CardinalityEntry[] {
    this.#trim();
    return this.#entries;
  }

  #trim(): void {
    this.#entries.sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1));
    this.#entries = this.#entries.slice(0, this.#limit);
  }
}

/** Of the whole head (`refs` undefined) or of some series. */
export function cardinalityOf(
  head: Head,
  limit: number,
  refs: Uint32Array | undefined,
): Cardinality {
  const { table } = head;
  const { texts } = table;
  const byMetric = new Top(limit);
  const byName = new Top(limit);
  const bytes = new Top(limit);
  const byPair = new Top(limit);
  let labelPairs = 0;
  const counts = refs === undefined ? undefined : countPairs(head, refs);
  for (const [name, pairs] of byNames(head, counts?.keys() ?? texts.values())) {
    const nameText = texts.text(name);
    let valueCount = 0;
    let valueBytes = 0;
    for (const pair of pairs) {
      const text = texts.text(pair);
      const series = counts === undefined ? table.postings.size(pair) : counts.get(pair)!;
      valueCount++;
      valueBytes += text.length;
      byPair.add(`${nameText}=${text}`, series);
      if (nameText === '__name__') byMetric.add(text, series);
    }
    labelPairs += valueCount;
    byName.add(nameText, valueCount);
    bytes.add(nameText, valueBytes);
  }
  return {
    seriesCountByMetricName: byMetric.list(),
    labelValueCountByLabelName: byName.list(),
    memoryInBytesByLabelName: bytes.list(),
    seriesCountByLabelValuePair: byPair.list(),
    labelPairs,
  };
}

function byNames(head: Head, pairs: Iterable<number>): Map<number, number[]> {
  const { texts } = head.table;
  const names = new Map<number, number[]>();
  for (const pair of pairs) {
    const name = texts.nameOf(pair);
    const own = names.get(name);
    if (own === undefined) names.set(name, [pair]);
    else own.push(pair);
  }
  return names;
}

function countPairs(head: Head, refs: Uint32Array): Map<number, number> {
  const { table } = head;
  const counts = new Map<number, number>();
  for (const ref of refs) {
    for (const pair of table.pairsOf(table.row(ref))) counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

/** The label with the most values, for the words of a refusal. */
export function widestLabel(head: Head): { readonly name: string; readonly values: number } {
  const { texts } = head.table;
  let widest = 0;
  for (const name of texts.names) {
    if (widest === 0 || texts.valueCount(name) > texts.valueCount(widest)) widest = name;
  }
  if (widest === 0) return { name: '', values: 0 };
  return { name: texts.text(widest), values: texts.valueCount(widest) };
}
