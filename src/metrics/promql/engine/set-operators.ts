import type { Labels } from '#metrics/model';
import { matchingKey } from '#metrics/model';
import type { SetOperator, VectorMatching } from '../parser/ast.ts';
import { noSample, Row } from './row.ts';
import { type StoredSeries, storedSeries, Vector } from './vector.ts';

/** Which labels two series must share to match. */
export function matchingKeys({ labels, isOn }: VectorMatching): (labels: Labels) => string {
  const names = new Set(labels);
  return (own) => matchingKey(own, names, isOn);
}

/** `and`, `or` and `unless`: whole samples of either side, by whether they have a match. */
export function evaluateSetOperator(
  op: SetOperator,
  matching: VectorMatching,
  left: Vector,
  right: Vector,
  steps: number,
): Vector {
  const keyOf = matchingKeys(matching);
  const isOr = op === 'or';
  // What decides: where the right side (for `or` the left) has any sample of a match.
  const deciding = presence(isOr ? left : right, keyOf, steps);
  const kept = filtered(isOr ? right : left, steps, (labels, step) => {
    const present = deciding.get(keyOf(labels))?.[step] === 1;
    return op === 'and' ? present : !present;
  });
  return isOr ? new Vector([...left.series, ...kept]) : new Vector(kept);
}

function presence(
  vector: Vector,
  keyOf: (labels: Labels) => string,
  steps: number,
): ReadonlyMap<string, Uint8Array> {
  const byKey = new Map<string, Uint8Array>();
  for (const { labels, from, kinds } of vector.series) {
    const key = keyOf(labels);
    let present = byKey.get(key);
    if (present === undefined) {
      present = new Uint8Array(steps);
      byKey.set(key, present);
    }
    for (let at = 0; at < kinds.length; at++) if (kinds[at] !== noSample) present[from + at] = 1;
  }
  return byKey;
}

function filtered(
  vector: Vector,
  steps: number,
  keeps: (labels: Labels, step: number) => boolean,
): StoredSeries[] {
  const kept: StoredSeries[] = [];
  const row = new Row(steps);
  for (const [index, { labels, dropsName }] of vector.series.entries()) {
    vector.read(index, row);
    for (let step = 0; step < steps; step++) {
      if (row.kinds[step] !== noSample && !keeps(labels, step)) row.remove(step);
    }
    const stored = storedSeries(labels, dropsName, row);
    if (stored !== undefined) kept.push(stored);
  }
  return kept;
}
