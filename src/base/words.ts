/** Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let best = Math.min(
        next[column - 1]! + 1,
        last[column]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const isSwap =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap) best = Math.min(best, before[column - 2]! + 1);
      next.push(best);
    }
    before = last;
    last = next;
  }
  return last[b.length]!;
}

/** Shorter beginnings fit too much. */
const minPrefix = 3;

/**
 * The known word that a person most likely meant by `word`, for "did you mean"; undefined when
 * nothing is near (more than a third of the letters differ). Case does not count.
 */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  // A longer word is no misspelling of ours, and the distance costs the product of the lengths.
  if (word.length > 100) return undefined;
  const wanted = word.toLowerCase();
  let nearest: string | undefined;
  let nearestEdits = Math.max(1, Math.floor(wanted.length / 3)) + 0.5;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    // `warning` for `warn`, `mem` for `memory`: many letters apart, and yet what was meant.
    const isLonger = wanted.length >= minPrefix && other.startsWith(wanted);
    const isShorter = other.length >= minPrefix && wanted.startsWith(other);
    const edits = isLonger || isShorter ? 1 : editDistance(wanted, other);
    if (edits < nearestEdits) {
      nearest = candidate;
      nearestEdits = edits;
    }
  }
  return nearest;
}
