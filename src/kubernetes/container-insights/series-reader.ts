import {
  type LabelMatcher,
  type Labels,
  labelMatcher,
  type Queryable,
  SampleColumns,
} from '#metrics/model';

/** A series whose last point is older has ended, whatever it says. */
const maxAgeMs = 90_000;
/** Scrapes are so far apart at most: the window must hold the point before the interval. */
const slackMs = 60_000;
/** Others get their turn after so many series. */
const seriesPerTurn = 2000;

export type Told = (labels: Labels, value: number) => void;

/**
 * The mean growth of a counter, per second, over the points of a window; a counter that falls has begun
 * anew at 0. Undefined: there are not two points.
 */
export function growthPerSecond(
  timesMs: Float64Array,
  values: Float64Array,
  count: number,
): number | undefined {
  let first = -1;
  let last = -1;
  let grown = 0;
  for (let at = 0; at < count; at++) {
    const value = values[at];
    if (value === undefined || Number.isNaN(value)) continue;
    if (last >= 0) {
      const before = values[last] ?? 0;
      grown += value >= before ? value - before : value;
    } else first = at;
    last = at;
  }
  if (first < 0 || last === first) return undefined;
  const seconds = ((timesMs[last] ?? 0) - (timesMs[first] ?? 0)) / 1000;
  return seconds <= 0 ? undefined : grown / seconds;
}

/** Reads what series have told over one interval; those that have ended are left out. */
export class SeriesReader {
  readonly #store: Queryable;
  readonly #window: { readonly fromMs: number; readonly toMs: number };
  readonly #intervalSeconds: number;
  readonly #signal: AbortSignal;
  readonly #columns = new SampleColumns();

  constructor(
    store: Queryable,
    { atMs, intervalMs }: { readonly atMs: number; readonly intervalMs: number },
    signal: AbortSignal,
  ) {
    this.#store = store;
    this.#window = { fromMs: atMs - intervalMs - slackMs, toMs: atMs };
    this.#intervalSeconds = intervalMs / 1000;
    this.#signal = signal;
  }

  /** Last values of gauges. */
  gauge(name: string, told: Told, ...more: readonly LabelMatcher[]): Promise<void> {
    return this.#each(name, more, (labels, { values, count }) => told(labels, values[count - 1]!));
  }

  /** Growth of counters, per second. */
  rate(name: string, told: Told, ...more: readonly LabelMatcher[]): Promise<void> {
    return this.#each(name, more, (labels, { timesMs, values, count }) => {
      const value = growthPerSecond(timesMs, values, count);
      if (value !== undefined) told(labels, value);
    });
  }

  /** Growth of counters over the interval. */
  increase(name: string, told: Told, ...more: readonly LabelMatcher[]): Promise<void> {
    const seconds = this.#intervalSeconds;
    return this.rate(name, (labels, value) => told(labels, value * seconds), ...more);
  }

  async #each(
    name: string,
    more: readonly LabelMatcher[],
    visit: (labels: Labels, columns: SampleColumns) => void,
  ): Promise<void> {
    const matchers = [labelMatcher('__name__', '=', name), ...more];
    using selection = await this.#store.select({ matchers, ...this.#window }, this.#signal);
    const columns = this.#columns;
    for (let index = 0; index < selection.count; index++) {
      if (index % seriesPerTurn === seriesPerTurn - 1) await turn();
      selection.read(index, columns);
      const last = columns.count - 1;
      const lastMs = columns.timesMs[last];
      if (last < 0 || lastMs === undefined || lastMs < this.#window.toMs - maxAgeMs) continue;
      // Also the marker of a series that has ended.
      if (Number.isNaN(columns.values[last])) continue;
      visit(selection.labels(index), columns);
    }
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Made where it is not there yet. */
export function entryOf<T extends object>(map: Map<string, T>, key: string): T {
  let found = map.get(key);
  if (found === undefined) {
    found = {} as T;
    map.set(key, found);
  }
  return found;
}
