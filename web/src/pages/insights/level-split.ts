import { levelChars, levelOfMatch, levelPattern } from '../../../../src/logs/api/levels.ts';
import type { WireLevel, WireQueryHistogram } from '../../api/logs.ts';
import { eventPart } from './query-text.ts';
import type { ResultTable } from './run-store.ts';

/** Names that a query of a person hardly uses. */
const head = 'nunchi_head';
const found = 'nunchi_level';

/** Counts the events that a query chooses by bin of its histogram and by how they write their level. */
export function levelQuery(text: string, binMs: number): string {
  const part = eventPart(text);
  return [
    ...(part === '' ? [] : [part]),
    `fields substr(@message, 0, ${levelChars}) as ${head}`,
    `parse ${head} /(?<${found}>${levelPattern.replaceAll('/', '\\/')})/`,
    `stats count(*) as events by bin(${periodText(binMs)}) as at, ${found}`,
    'limit 10000',
  ].join('\n| ');
}

/** Units in which a query writes a period, from the largest; days are split further by nobody. */
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A period that divides the bin: the bin itself, or a day of it. */
function periodText(binMs: number): string {
  const [unit, size] = units.find(([, each]) => binMs % each === 0) ?? ['ms', 1];
  return unit === 'd' ? '1d' : `${binMs / size}${unit}`;
}

/**
 * The histogram's counts by level, from the answer to {@link levelQuery}; what the answer lacks is of
 * no known level. Undefined where the answer counts other events than the histogram.
 */
export function splitByLevel(
  table: ResultTable,
  histogram: WireQueryHistogram,
): Readonly<Partial<Record<WireLevel, readonly number[]>>> | undefined {
  const column = (name: string): number =>
    table.columns.findIndex((candidate) => candidate.name === name);
  const times = table.data[column('at')];
  const texts = table.data[column(found)];
  const counts = table.data[column('events')];
  if (times === undefined || texts === undefined || counts === undefined) return undefined;
  const levels: Partial<Record<WireLevel, number[]>> = {};
  const rest = [...histogram.counts];
  for (let row = 0; row < table.rowCount; row++) {
    const bin = Math.floor((Number(times[row]) - histogram.fromMs) / histogram.binMs);
    const level = levelOfMatch(String(texts[row] ?? ''));
    const count = Number(counts[row]);
    if (rest[bin] === undefined) continue;
    rest[bin] -= count;
    if (rest[bin] < 0) return undefined;
    if (level === 'other') continue;
    levels[level] ??= new Array<number>(rest.length).fill(0);
    levels[level][bin]! += count;
  }
  // What had no level was taken off above as well.
  return { ...levels, other: histogram.counts.map((count, bin) => count - known(levels, bin)) };
}

function known(levels: Partial<Record<WireLevel, number[]>>, bin: number): number {
  let sum = 0;
  for (const counts of Object.values(levels)) sum += counts[bin] ?? 0;
  return sum;
}
