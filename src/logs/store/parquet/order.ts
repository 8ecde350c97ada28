import type { RowSource } from './block.ts';

/** Rows of one piece are given out at most this many at a time, so that writing keeps up. */
const maxPieceRows = 8192;

export interface RowRange {
  readonly source: RowSource;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** One chain's rows that are looked at now, which are in order or have an order to be read in. */
interface Cursor {
  readonly rest: Iterator<RowSource>;
  source: RowSource;
  order: Uint32Array | undefined;
  at: number;
}

const isBefore = (a: RowSource, rowA: number, b: RowSource, rowB: number): boolean => {
  const timeA = a.timesMs[rowA]!;
  const timeB = b.timesMs[rowB]!;
  return timeA < timeB || (timeA === timeB && a.sequences[rowA]! < b.sequences[rowB]!);
};

/**
 * All rows of one stream in (time, sequence) order, as ranges of rows that lie together. Rows that
 * arrived in order, by far the most common case, cost one comparison each.
 * @param chains sources, each chain's in order: the next is asked for when the one before is used up
 */
export function* inOrder(chains: readonly Iterable<RowSource>[]): Generator<RowRange> {
  const cursors: Cursor[] = [];
  for (const chain of chains) {
    const rest = chain[Symbol.iterator]();
    const first = nextSource(rest);
    if (first !== undefined) cursors.push({ rest, source: first, order: orderOf(first), at: 0 });
  }
  while (cursors.length > 0) {
    let first = 0;
    let second = -1;
    for (let i = 1; i < cursors.length; i++) {
      if (headBefore(cursors[i]!, cursors[first]!)) {
        second = first;
        first = i;
      } else if (second === -1 || headBefore(cursors[i]!, cursors[second]!)) {
        second = i;
      }
    }
    const cursor = cursors[first]!;
    yield* take(cursor, second === -1 ? undefined : cursors[second]!);
    if (cursor.at < cursor.source.rows) continue;
    const next = nextSource(cursor.rest);
    if (next === undefined) cursors.splice(first, 1);
    else Object.assign(cursor, { source: next, order: orderOf(next), at: 0 });
  }
}

/** The next source that has rows. */
function nextSource(rest: Iterator<RowSource>): RowSource | undefined {
  for (;;) {
    const step = rest.next();
    if (step.done === true) return undefined;
    if (step.value.rows > 0) return step.value;
  }
}

const rowAt = (cursor: Cursor, at: number): number => cursor.order?.[at] ?? at;

const headBefore = (a: Cursor, b: Cursor): boolean =>
  isBefore(a.source, rowAt(a, a.at), b.source, rowAt(b, b.at));

/** Moves the cursor up to the head of `next` and gives the rows it passed. */
function* take(cursor: Cursor, next: Cursor | undefined): Generator<RowRange> {
  const { source } = cursor;
  const limit = next === undefined ? -1 : rowAt(next, next.at);
  while (cursor.at < source.rows) {
    const from = rowAt(cursor, cursor.at);
    if (next !== undefined && !isBefore(source, from, next.source, limit)) return;
    let to = from + 1;
    cursor.at += 1;
    while (
      cursor.at < source.rows &&
      to - from < maxPieceRows &&
      rowAt(cursor, cursor.at) === to &&
      (next === undefined || isBefore(source, to, next.source, limit))
    ) {
      to += 1;
      cursor.at += 1;
    }
    yield { source, from, to };
  }
}

function orderOf(source: RowSource): Uint32Array | undefined {
  let sorted = true;
  for (let row = 1; row < source.rows && sorted; row++) {
    sorted = isBefore(source, row - 1, source, row);
  }
  if (sorted) return undefined;
  const order = new Uint32Array(source.rows);
  for (let row = 0; row < source.rows; row++) order[row] = row;
  const { timesMs, sequences } = source;
  return order.sort((a, b) => timesMs[a]! - timesMs[b]! || sequences[a]! - sequences[b]!);
}
