import { compareLabels, type Labels } from '#metrics/model';
import type { FoundSeries, SelectPart } from './found.ts';

/** The series of several places in label order, those of equal labels as one. */
export interface MergedOrder {
  /** Members of series i: from `starts[i]` up to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  /** Of each member: its place, and its index there. */
  readonly part: Uint32Array;
  readonly index: Uint32Array;
}

interface Known {
  readonly places: readonly FoundSeries[];
  readonly order: MergedOrder;
}

/**
 * Orders by what the last of the places found: comparing labels takes longer than anything else a
 * selection does, and results of selectors are kept (`FoundCache`), so that the same ones come again.
 */
const known = new WeakMap<FoundSeries, Known>();

export function mergedOrder(places: readonly FoundSeries[]): MergedOrder {
  const last = places.at(-1);
  const entry = last === undefined ? undefined : known.get(last);
  const isSame =
    entry !== undefined &&
    entry.places.length === places.length &&
    entry.places.every((place, at) => place === places[at]);
  if (isSame) return entry.order;
  const order = computeOrder(places);
  if (last !== undefined) known.set(last, { places: [...places], order });
  return order;
}

function computeOrder(places: readonly FoundSeries[]): MergedOrder {
  const most = places.reduce((sum, { count }) => sum + count, 0);
  const starts = new Uint32Array(most + 1);
  const part = new Uint32Array(most);
  const index = new Uint32Array(most);
  let series = 0;
  let at = 0;
  const parts = places.map((found, number) => ({ found, number }));
  eachMerged(parts, (members) => {
    for (const [{ number }, place] of members) {
      part[at] = number;
      index[at++] = place;
    }
    starts[++series] = at;
  });
  return { starts: starts.slice(0, series + 1), part, index };
}

/** Visits the series of all parts in label order, those of equal labels together. */
export function eachMerged<P extends Pick<SelectPart, 'found'>>(
  parts: readonly P[],
  visit: (members: readonly (readonly [part: P, index: number])[]) => void,
): void {
  const next = parts.map(() => 0);
  const members: [P, number][] = [];
  const at: number[] = [];
  for (;;) {
    members.length = 0;
    at.length = 0;
    let least: Labels | undefined;
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!;
      const place = next[index]!;
      if (place >= part.found.count) continue;
      const labels = part.found.labels(place);
      const order = least === undefined ? -1 : compareLabels(labels, least);
      if (order > 0) continue;
      if (order < 0) {
        least = labels;
        members.length = 0;
        at.length = 0;
      }
      members.push([part, place]);
      at.push(index);
    }
    if (members.length === 0) return;
    visit(members satisfies readonly (readonly [P, number])[]);
    for (const index of at) next[index]!++;
  }
}
