import { AppError } from '#base';
import {
  compareLabels,
  isStaleValue,
  type Labels,
  labelsKey,
  SampleColumns,
  setStaleAt,
  wordsOf,
} from '#metrics/model';

/** Samples of one series out of a remote server, in order of time, each time once. */
export interface RemoteSeries {
  readonly labels: Labels;
  readonly columns: SampleColumns;
}

/** Gathers what an answer holds, series by series, within a time range and a number of samples. */
export class RemoteSeriesSet {
  readonly #series = new Map<string, RemoteSeries>();
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #maxSamples: number;
  #samples = 0;

  constructor(range: { readonly fromMs: number; readonly toMs: number }, maxSamples: number) {
    this.#fromMs = range.fromMs;
    this.#toMs = range.toMs;
    this.#maxSamples = maxSamples;
  }

  /** Where the samples of a series go; parts of one series may come apart. */
  open(labels: Labels): SampleColumns {
    const key = labelsKey(labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known.columns;
    const columns = new SampleColumns();
    this.#series.set(key, { labels, columns });
    return columns;
  }

  /** @throws {AppError} QUERY_TOO_LARGE */
  count(samples: number): void {
    this.#samples += samples;
    if (this.#samples > this.#maxSamples) {
      throw new AppError(
        'QUERY_TOO_LARGE',
        `the answer has more than ${this.#maxSamples} samples (metrics.query.maxSamples)`,
      );
    }
  }

  /** In label order. Samples outside the range are gone: whole chunks come, not parts. */
  take(): RemoteSeries[] {
    const all = [...this.#series.values()];
    for (const { columns } of all) tidy(columns, this.#fromMs, this.#toMs);
    return all.sort((a, b) => compareLabels(a.labels, b.labels));
  }
}

/** Sorted, each time once, within the range. */
function tidy(columns: SampleColumns, fromMs: number, toMs: number): void {
  const { timesMs, values, histograms } = columns;
  const order: number[] = [];
  let isSorted = true;
  for (let at = 0; at < columns.count; at++) {
    const timeMs = timesMs[at]!;
    if (timeMs < fromMs || timeMs > toMs) continue;
    if (order.length > 0 && timeMs <= timesMs[order.at(-1)!]!) isSorted = false;
    order.push(at);
  }
  if (isSorted && order.length === columns.count) return;
  if (!isSorted) order.sort((a, b) => timesMs[a]! - timesMs[b]! || a - b);
  const kept = order.filter((from, at) => at === 0 || timesMs[from] !== timesMs[order[at - 1]!]);
  const words = wordsOf(values);
  const oldTimes = timesMs.slice(0, columns.count);
  const oldWords = words.slice(0, columns.count * 2);
  const oldHistograms = histograms?.slice();
  for (const [to, from] of kept.entries()) {
    timesMs[to] = oldTimes[from]!;
    words[to * 2] = oldWords[from * 2]!;
    words[to * 2 + 1] = oldWords[from * 2 + 1]!;
    if (histograms !== undefined) histograms[to] = oldHistograms![from];
  }
  columns.count = kept.length;
}

/** Appends one float sample; a marker of staleness keeps its bits. */
export function addFloat(columns: SampleColumns, timeMs: number, value: number): void {
  columns.reserve(columns.count + 1);
  const at = columns.count++;
  columns.timesMs[at] = timeMs;
  columns.values[at] = value;
  if (isStaleValue(value)) setStaleAt(wordsOf(columns.values), at);
  if (columns.histograms !== undefined) columns.histograms[at] = undefined;
}
