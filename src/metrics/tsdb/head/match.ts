import type { LabelMatcher } from '#metrics/model';
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
  const { postings, texts } = table;
  const considerPairs = (matcher: LabelMatcher, pairs: readonly number[]): void => {
    const size = pairs.reduce((sum, pair) => sum + postings.size(pair), 0);
    if (size >= best.size) return;
    best = { matcher, size, lists: () => pairs.map((pair) => postings.refs(pair)) };
  };
  const consider = (matcher: LabelMatcher, values: readonly string[]): void => {
    considerPairs(
      matcher,
      values.map((value) => table.pair(matcher.name, value)).filter((pair) => pair !== 0),
    );
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
      const name = table.name(matcher.name);
      const matching: number[] = [];
      for (const pair of name === 0 ? [] : texts.values(name)) {
        if (matcher.matches(texts.text(pair))) matching.push(pair);
        if (matching.length > maxUnionValues) break;
      }
      if (matching.length <= maxUnionValues) considerPairs(matcher, matching);
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
  const name = table.name(matcher.name);
  const matchesAbsent = matcher.matches('');
  if (name === 0) return () => matchesAbsent;
  if (matcher.operator === '=' && matcher.value !== '') {
    const wanted = table.pair(matcher.name, matcher.value);
    return wanted === 0 ? () => false : (row) => table.pairOf(row, name) === wanted;
  }
  const known = new Map<number, boolean>([[0, matchesAbsent]]);
  return (row) => {
    const pair = table.pairOf(row, name);
    let isMatch = known.get(pair);
    if (isMatch === undefined) {
      isMatch = matcher.matches(table.texts.text(pair));
      known.set(pair, isMatch);
    }
    return isMatch;
  };
}
