import type { Clock } from '#base';
import { parseFilterPattern } from '#logs/filter-pattern';
import { sqlInteger, sqlString } from '#logs/insights';
import type { EventPosition, EventSelection, LogStore } from '#logs/store';
import { levelChars, levelOf, levelOfMatch, levelPattern } from './levels.ts';
import type { WireHistogram, WireLevel } from './wire.ts';

/** A histogram is a glance: what is not counted by then is left out, and said to be. */
const maxCountMs = 3000;
const pageEvents = 20_000;

export interface HistogramRequest extends EventSelection {
  readonly bins: number;
  readonly filter: string | undefined;
}

const roundBinsMs: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000, 172_800_000, 604_800_000,
];

/** Equal bins of a round width that begin at a multiple of it, at most about `bins` of them. */
export function binsOf(request: { fromMs: number; toMs: number; bins: number }): {
  readonly fromMs: number;
  readonly binMs: number;
  readonly count: number;
} {
  const least = (request.toMs - request.fromMs) / request.bins;
  const binMs = roundBinsMs.find((width) => width >= least) ?? Math.ceil(least);
  const fromMs = Math.floor(request.fromMs / binMs) * binMs;
  return { fromMs, binMs, count: Math.floor((request.toMs - fromMs) / binMs) + 1 };
}

/** Events by level over time; newest parts first, so that what is left out is the oldest. */
export async function countByLevel(
  store: LogStore,
  request: HistogramRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<WireHistogram> {
  const bins = binsOf(request);
  const levels: Partial<Record<WireLevel, number[]>> = {};
  const add = (level: WireLevel, bin: number, events: number): void => {
    if (bin < 0 || bin >= bins.count) return;
    levels[level] ??= new Array<number>(bins.count).fill(0);
    levels[level][bin]! += events;
  };
  const deadlineMs = clock.monotonicMs() + maxCountMs;
  const isLate = (): boolean => clock.monotonicMs() > deadlineMs;
  const complete =
    request.filter === undefined || request.filter.trim() === ''
      ? await countInEngine(store, request, bins, add, isLate, signal)
      : await countInPages(store, request, bins, add, isLate, signal);
  return { fromMs: bins.fromMs, binMs: bins.binMs, levels, complete };
}

type Bins = ReturnType<typeof binsOf>;
type Add = (level: WireLevel, bin: number, events: number) => void;

async function countInEngine(
  store: LogStore,
  request: HistogramRequest,
  bins: Bins,
  add: Add,
  isLate: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { bins: _, filter: __, ...selection } = request;
  await using scan = await store.openScan(selection, signal);
  const bin = `CAST((ts_ms - ${sqlInteger(bins.fromMs)}) // ${sqlInteger(bins.binMs)} AS INTEGER)`;
  const match = `regexp_extract(left(message, ${levelChars}), ${sqlString(levelPattern)})`;
  for (const part of scan.parts) {
    if (isLate()) return false;
    const sql = `SELECT ${bin} AS bin, ${match} AS level, count(*) AS events FROM ${scan.relationOf([part])} GROUP BY ALL`;
    for await (const rows of scan.run(sql, { signal })) {
      for (let row = 0; row < rows.rowCount; row++) {
        const text = String(rows.columns[1]![row]);
        const level = text === '' ? 'other' : levelOfMatch(text);
        add(level, Number(rows.columns[0]![row]), Number(rows.columns[2]![row]));
      }
    }
  }
  return true;
}

async function countInPages(
  store: LogStore,
  request: HistogramRequest,
  bins: Bins,
  add: Add,
  isLate: () => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { bins: _, filter, ...selection } = request;
  const pattern = parseFilterPattern(filter ?? '');
  let after: EventPosition | undefined;
  do {
    if (isLate()) return false;
    const page = await store.readEvents(
      {
        ...selection,
        direction: 'backward',
        maxEvents: pageEvents,
        maxScannedEvents: pageEvents * 10,
        accept: pattern.matches,
        contains: pattern.requiredSubstrings,
        ...(after === undefined ? {} : { after }),
      },
      signal,
    );
    for (const event of page.events) {
      add(levelOf(event.message), Math.floor((event.timestampMs - bins.fromMs) / bins.binMs), 1);
    }
    after = page.next;
  } while (after !== undefined);
  return true;
}
