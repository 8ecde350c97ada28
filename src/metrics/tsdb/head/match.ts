import type { LabelMatcher } from '#metrics/model';
import { sizeOf, viewOf } from './postings.ts';
import type { SeriesTable } from './table.ts';

/** A choice of more values than this is rather tested series by series. */
const maxUnionValues = 10_000;

interface Candidates {
  readonly matcher: LabelMatcher | undefined;
  readonly size: number;
  readonly lists: () => readonly Uint32Array[];
}

/**
 * References of the series that match, ascending. Starts with the matcher that names the fewest series
 * and tests the others label by label, each distinct value once.
 */
export function matchHead(table: SeriesTable, matchers: readonly LabelMatcher[]): Uint32Array {
  const start = fewest(table, matchers);
  const rest = matchers.filter((matcher) => matcher !== start.matcher);
  const tests = rest.map((matcher) => tester(table, matcher));
  const lists = start.lists();
  const candidates = lists.length === 1 ? lists[0]! : union(lists);
  if (tests.length === 0) return candidates.slice();
  const refs = new Uint32Array(candidates.length);
  let count = 0;
  for (const ref of candidates) {
    const row = table.row(ref);
    let isMatch = row !== 0;
    for (let at = 0; isMatch && at < tests.length; at++) isMatch = tests[at]!(row);
    if (isMatch) refs[count++] = ref;
  }
  return refs.slice(0, count);
}

function fewest(table: SeriesTable, matchers: readonly LabelMatcher[]): Candidates {
  let best: Candidates = {
    matcher: undefined,
    size: Number.POSITIVE_INFINITY,
    lists: () => [table.allRefs()],
  };
  const consider = (matcher: LabelMatcher, values: readonly string[]): void => {
    const name = table.symbols.find(matcher.name);
    const known = table.postings.values(name);
    const lists = values.map((value) => known?.get(table.symbols.find(value)));
    const size = lists.reduce<number>((sum, list) => sum + sizeOf(list), 0);
    if (size >= best.size) return;
    best = { matcher, size, lists: () => lists.filter((list) => list !== undefined).map(viewOf) };
  };
  for (const matcher of matchers) {
    if (matcher.matches('')) continue;
    if (matcher.operator === '=') consider(matcher, [matcher.value]);
    const literals = matcher.operator === '=~' ? matcher.pattern?.literals : undefined;
    if (literals !== undefined) consider(matcher, [...new Set(literals)]);
  }
  // Patterns over values only where nothing better is known: each value is tested.
  if (best.matcher === undefined) {
    for (const matcher of matchers) {
      if (matcher.matches('')) continue;
      const values = table.postings.values(table.symbols.find(matcher.name));
      const matching: string[] = [];
      for (const value of values?.keys() ?? []) {
        const text = table.symbols.text(value);
        if (matcher.matches(text)) matching.push(text);
        if (matching.length > maxUnionValues) break;
      }
      if (matching.length <= maxUnionValues) consider(matcher, matching);
    }
  }
  return best;
}

/** Series have one value a name, so the lists have nothing in common. */
function union(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

function tester(table: SeriesTable, matcher: LabelMatcher): (row: number) => boolean {
  const name = table.symbols.find(matcher.name);
  const matchesAbsent = matcher.matches('');
  if (name === 0) return () => matchesAbsent;
  if (matcher.operator === '=' && matcher.value !== '') {
    const wanted = table.symbols.find(matcher.value);
    return wanted === 0 ? () => false : (row) => table.valueOf(row, name) === wanted;
  }
  const known = new Map<number, boolean>([[0, matchesAbsent]]);
  return (row) => {
    const value = table.valueOf(row, name);
    let isMatch = known.get(value);
    if (isMatch === undefined) {
      isMatch = matcher.matches(table.symbols.text(value));
      known.set(value, isMatch);
    }
    return isMatch;
  };
}
