import { type Labels, labelsOf, type Value, type Values } from './values.ts';

/** Two values that an operator works on together. */
export interface Pair {
  readonly labels: Labels;
  readonly left: Value;
  readonly right: Value;
}

/** More results than this are a join gone wrong. */
export const maxPairs = 100_000;

interface Side {
  readonly names: readonly string[];
  readonly items: { readonly value: Value; readonly at: number }[];
}

/**
 * Pairs two sides by their labels: equal sets go together, and a set goes with every set that contains
 * it (the result has the larger one). One value on each side goes together whatever the labels, and the
 * result has none.
 * @throws {RangeError} when there are more than {@link maxPairs}
 */
export function joinByLabels(left: Values, right: Values): readonly Pair[] {
  const found: (Pair & { readonly order: number })[] = [];
  for (const a of sidesOf(left)) {
    for (const b of sidesOf(right)) {
      const [small, large] = a.names.length <= b.names.length ? [a, b] : [b, a];
      const shared = new Set(large.names);
      if (!small.names.every((name) => shared.has(name))) continue;
      const index = Map.groupBy(small.items, ({ value }) => keyOf(value, small.names));
      for (const big of large.items) {
        for (const little of index.get(keyOf(big.value, small.names)) ?? []) {
          const [first, second] = small === a ? [little, big] : [big, little];
          found.push({
            labels: labelsOf(big.value),
            left: first.value,
            right: second.value,
            order: first.at * right.length + second.at,
          });
          if (found.length > maxPairs) throw new RangeError(`more than ${maxPairs} results`);
        }
      }
    }
  }
  const [onlyLeft] = left;
  const [onlyRight] = right;
  if (found.length === 0 && onlyLeft !== undefined && onlyRight !== undefined) {
    const isSingle = left.length === 1 && right.length === 1;
    return isSingle ? [{ labels: {}, left: onlyLeft, right: onlyRight }] : [];
  }
  return found.sort((a, b) => a.order - b.order);
}

/** Values by the names of their labels: within one of these a join is a look-up. */
function sidesOf(values: Values): readonly Side[] {
  const sides = new Map<string, Side>();
  for (const [at, value] of values.entries()) {
    const names = Object.keys(labelsOf(value)).sort();
    const key = JSON.stringify(names);
    let side = sides.get(key);
    if (side === undefined) {
      side = { names, items: [] };
      sides.set(key, side);
    }
    side.items.push({ value, at });
  }
  return [...sides.values()];
}

const keyOf = (value: Value, names: readonly string[]): string => {
  const labels = labelsOf(value);
  return JSON.stringify(names.map((name) => labels[name]));
};
