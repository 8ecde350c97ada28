import type { Cardinality, CardinalityEntry } from './contract.ts';
import type { Head } from './head/head.ts';
import { sizeOf } from './head/postings.ts';

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
  const { symbols } = table;
  const byMetric = new Top(limit);
  const byName = new Top(limit);
  const bytes = new Top(limit);
  const byPair = new Top(limit);
  let labelPairs = 0;
  const counts = refs === undefined ? undefined : countPairs(head, refs);
  const names: Iterable<readonly [number, Iterable<readonly [number, number]>]> =
    counts ?? sizesOfAll(head);
  for (const [name, values] of names) {
    const nameText = symbols.text(name);
    let valueCount = 0;
    let valueBytes = 0;
    for (const [value, series] of values) {
      const text = symbols.text(value);
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

function* sizesOfAll(head: Head): Generator<readonly [number, Iterable<[number, number]>]> {
  for (const [name, values] of head.table.postings.names) {
    yield [name, values.entries().map(([value, list]): [number, number] => [value, sizeOf(list)])];
  }
}

function countPairs(head: Head, refs: Uint32Array): Map<number, Map<number, number>> {
  const { table } = head;
  const names = new Map<number, Map<number, number>>();
  for (const ref of refs) {
    const pairs = table.symbolsOf(table.row(ref));
    for (let at = 0; at < pairs.length; at += 2) {
      let values = names.get(pairs[at]!);
      if (values === undefined) {
        values = new Map();
        names.set(pairs[at]!, values);
      }
      values.set(pairs[at + 1]!, (values.get(pairs[at + 1]!) ?? 0) + 1);
    }
  }
  return names;
}

/** The label with the most values, for the words of a refusal. */
export function widestLabel(head: Head): { readonly name: string; readonly values: number } {
  let best = { name: '', values: 0 };
  for (const [name, values] of head.table.postings.names) {
    if (values.size > best.values) {
      best = { name: head.table.symbols.text(name), values: values.size };
    }
  }
  return best;
}
