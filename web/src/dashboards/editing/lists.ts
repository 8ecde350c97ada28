/** Lists with one entry changed; an index outside of the list changes nothing. */

export const replaced = <T>(list: readonly T[], index: number, entry: T): readonly T[] =>
  list.map((one, at) => (at === index ? entry : one));

export const removed = <T>(list: readonly T[], index: number): readonly T[] =>
  list.filter((_, at) => at !== index);

export const inserted = <T>(list: readonly T[], index: number, entry: T): readonly T[] => [
  ...list.slice(0, index),
  entry,
  ...list.slice(index),
];

/** An entry moved by some places, as far as the list goes. */
export function moved<T>(list: readonly T[], index: number, by: number): readonly T[] {
  const entry = list[index];
  if (entry === undefined) return list;
  const to = Math.min(list.length - 1, Math.max(0, index + by));
  return inserted(removed(list, index), to, entry);
}
