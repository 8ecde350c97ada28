import type { RecordMap, RecordValue } from '../contract.ts';

/** Gives a key another name at its place; what stood under the new name is gone. */
export function renameKey(record: RecordMap, from: string, to: string): void {
  if (from === to || !record.has(from)) return;
  const entries = [...record];
  record.clear();
  for (const [key, value] of entries) {
    if (key === from) record.set(to, value);
    else if (key !== to) record.set(key, value);
  }
}

/** Puts a pair right behind another key's; what stood under the new name is gone. */
export function insertAfter(
  record: RecordMap,
  after: string,
  key: string,
  value: RecordValue,
): void {
  const entries = [...record];
  record.clear();
  for (const [name, own] of entries) {
    if (name !== key) record.set(name, own);
    if (name === after) record.set(key, value);
  }
}

/** Puts the pairs whose keys fit in front of the others or behind them; order is kept otherwise. */
export function moveKeys(
  record: RecordMap,
  fits: (key: string) => boolean,
  where: 'start' | 'end',
): void {
  const moved = [...record].filter(([key]) => fits(key));
  if (moved.length === 0) return;
  const rest = [...record].filter(([key]) => !fits(key));
  record.clear();
  for (const [key, value] of where === 'start' ? [...moved, ...rest] : [...rest, ...moved]) {
    record.set(key, value);
  }
}

/** Puts the content of one record in place of another's. */
export function replaceRecord(
  record: RecordMap,
  content: Iterable<readonly [string, RecordValue]>,
): void {
  const entries = [...content];
  record.clear();
  for (const [key, value] of entries) record.set(key, value);
}

/** `abc*` fits keys that begin with `abc`; a text without the star only itself. */
export function keyPattern(pattern: string): (key: string) => boolean {
  if (!pattern.endsWith('*')) return (key) => key === pattern;
  const prefix = pattern.slice(0, -1);
  return (key) => key.startsWith(prefix);
}
