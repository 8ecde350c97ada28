import {
  compareLabels,
  type Labels,
  SampleColumns,
  type SeriesSelection,
  wordsOf,
} from '#metrics/model';
import type { RemoteSeries } from './remote-series.ts';

interface Entry {
  readonly labels: Labels;
  /** Index in the selection of the own store, -1: only others have it. */
  readonly own: number;
  readonly remote: readonly SampleColumns[];
}

/**
 * The series of the own store and of others as one selection. A sample of the own store counts where
 * several have one for a time; then that of the server named first.
 */
export function mergedSelection(
  own: SeriesSelection,
  remotes: readonly (readonly RemoteSeries[])[],
): SeriesSelection {
  const present = remotes.filter(({ length }) => length > 0);
  if (present.length === 0) return own;
  const entries = mergedEntries(own, present);
  const scratch = new SampleColumns();
  const remoteSamples = present.flat().reduce((sum, { columns }) => sum + columns.count, 0);
  return {
    count: entries.length,
    maxSamples: own.maxSamples + remoteSamples,
    labels: (index) => entries[index]!.labels,
    read: (index, into) => {
      const { own: at, remote } = entries[index]!;
      if (at < 0) into.clear();
      else own.read(at, into);
      for (const columns of remote) mergeColumns(into, columns, scratch);
    },
    [Symbol.dispose]: () => own[Symbol.dispose](),
  };
}

function mergedEntries(
  own: SeriesSelection,
  remotes: readonly (readonly RemoteSeries[])[],
): Entry[] {
  const entries: Entry[] = [];
  const at = remotes.map(() => 0);
  let next = 0;
  for (;;) {
    let least = next < own.count ? own.labels(next) : undefined;
    for (const [list, index] of at.entries()) {
      const labels = remotes[list]![index]?.labels;
      if (labels !== undefined && (least === undefined || compareLabels(labels, least) < 0)) {
        least = labels;
      }
    }
    if (least === undefined) return entries;
    const isOwn = next < own.count && compareLabels(own.labels(next), least) === 0;
    const remote: SampleColumns[] = [];
    for (const [list, index] of at.entries()) {
      const series = remotes[list]![index];
      if (series === undefined || compareLabels(series.labels, least) !== 0) continue;
      remote.push(series.columns);
      at[list] = index + 1;
    }
    entries.push({ labels: least, own: isOwn ? next : -1, remote });
    if (isOwn) next++;
  }
}

/** Puts samples of another into `into` where it has none at their times. */
function mergeColumns(into: SampleColumns, other: SampleColumns, scratch: SampleColumns): void {
  if (other.count === 0) return;
  const total = into.count + other.count;
  scratch.clear();
  scratch.reserve(total);
  const hasHistograms = (into.histograms ?? other.histograms) !== undefined;
  const histograms: SampleColumns['histograms'] = hasHistograms ? [] : undefined;
  const startTimesMs =
    into.startTimesMs === undefined ? undefined : new Float64Array(scratch.timesMs.length);
  const words = wordsOf(scratch.values);
  const ownWords = wordsOf(into.values);
  const otherWords = wordsOf(other.values);
  let to = 0;
  let a = 0;
  let b = 0;
  while (a < into.count || b < other.count) {
    const ownMs = a < into.count ? into.timesMs[a]! : Number.POSITIVE_INFINITY;
    const otherMs = b < other.count ? other.timesMs[b]! : Number.POSITIVE_INFINITY;
    const isOwn = ownMs <= otherMs;
    const from = isOwn ? a : b;
    const fromWords = isOwn ? ownWords : otherWords;
    scratch.timesMs[to] = isOwn ? ownMs : otherMs;
    words[to * 2] = fromWords[from * 2]!;
    words[to * 2 + 1] = fromWords[from * 2 + 1]!;
    if (histograms !== undefined) {
      histograms[to] = (isOwn ? into : other).histograms?.[from];
    }
    if (startTimesMs !== undefined && isOwn) startTimesMs[to] = into.startTimesMs![from]!;
    to++;
    if (ownMs <= otherMs) a++;
    if (otherMs <= ownMs) b++;
  }
  // The columns change places: nothing is copied twice.
  into.exchange(scratch);
  into.histograms = histograms;
  into.startTimesMs = startTimesMs;
  into.count = to;
}
